import { type FormEvent, type ReactNode, useState } from 'react';
import type { ViewState } from '../../state.ts';
import { useActing } from '../acting.ts';
import { Scrolling } from '../scrolling.tsx';
import { BlockKit } from './block-kit.tsx';
import { Dialog } from './dialog.tsx';
import { Field, type InputBlock } from './fields.tsx';

interface ModalView {
  readonly title: { readonly text: string };
  readonly submit?: { readonly text: string };
  readonly close?: { readonly text: string };
  readonly blocks: readonly { readonly type: string; readonly block_id?: string }[];
}

const FIELDS = '.field input, .field select, .field textarea';

/** A window that the app has opened. */
export function Modal({ opened }: { readonly opened: ViewState }): ReactNode {
  const { act } = useActing();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  // The stand-in let only views through that Slack takes.
  const { title, submit, close, blocks } = opened.view as ModalView;
  const shut = () => void act({ do: 'close', view: opened.at });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (submit === undefined || busy) return;
    setBusy(true);
    void act({ do: 'submit', view: opened.at, values }).finally(() => setBusy(false));
  };
  return (
    <Dialog label={title.text} onClose={shut} focus={blocks[0]?.type === 'input' ? FIELDS : '.dialog-body'}>
      <form onSubmit={send} noValidate>
        <div className="dialog-head">
          <h2>{title.text}</h2>
          <button type="button" className="icon" aria-label="Close" onClick={shut}>
            ✕
          </button>
        </div>
        <Scrolling className="dialog-body" label={`${title.text}: content`}>
          {parts(blocks).map((part, at) =>
            part.kind === 'input' ? (
              <Field
                key={part.block.block_id ?? at}
                block={part.block}
                view={opened.at}
                value={values[part.block.block_id ?? '']}
                error={opened.errors[part.block.block_id ?? '']}
                onChange={(value) => setValues((before) => ({ ...before, [part.block.block_id ?? '']: value }))}
              />
            ) : (
              <BlockKit key={`${opened.version}-${part.at}`} blocks={part.blocks} />
            ),
          )}
        </Scrolling>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={shut}>
            {close?.text ?? 'Close'}
          </button>
          {submit && (
            <button type="submit" className="button primary" aria-disabled={busy}>
              {submit.text}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

type Part =
  | { readonly kind: 'input'; readonly block: InputBlock }
  | { readonly kind: 'shown'; readonly at: number; readonly blocks: readonly unknown[] };

/** Inputs each alone, what lies between them together. */
function parts(blocks: ModalView['blocks']): readonly Part[] {
  const found: Part[] = [];
  let shown: { readonly type: string }[] | undefined;
  for (const [at, block] of blocks.entries()) {
    if (block.type === 'input') {
      found.push({ kind: 'input', block: block as InputBlock });
      shown = undefined;
    } else if (shown) shown.push(block);
    else {
      shown = [block];
      found.push({ kind: 'shown', at, blocks: shown });
    }
  }
  return found;
}
