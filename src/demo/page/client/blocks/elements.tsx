import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Click } from './block-kit.tsx';
import { Dialog } from './dialog.tsx';

interface Plain {
  readonly text: string;
}
interface Confirm {
  readonly title: Plain;
  readonly text: Plain;
  readonly confirm: Plain;
  readonly deny: Plain;
  readonly style?: 'primary' | 'danger';
}
interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: Plain;
  readonly style?: 'primary' | 'danger';
  readonly url?: string;
  readonly confirm?: Confirm;
  readonly accessibility_label?: string;
}
interface Overflow {
  readonly type: 'overflow';
  readonly action_id: string;
  readonly options: readonly { readonly text: Plain; readonly value: string; readonly url?: string }[];
  readonly confirm?: Confirm;
}
/** What in blocks can be clicked. */
export type Elements = Button | Overflow;

export function isInteractive({ type }: { readonly type: string }): boolean {
  return type === 'button' || type === 'overflow';
}

/** A button or a menu; asks before, where the app wants it. */
export function Accessory({ element, onClick }: { readonly element: Elements; readonly onClick?: Click | undefined }): ReactNode {
  const [asked, setAsked] = useState<string>();
  const press = (label: string) => {
    if (element.confirm === undefined) onClick?.(element.action_id, label);
    else setAsked(label);
  };
  return (
    <>
      {element.type === 'button' ? (
        <button
          type="button"
          className={`button ${element.style ?? ''}`}
          aria-label={element.accessibility_label}
          onClick={() => press(element.text.text)}
        >
          {element.text.text}
        </button>
      ) : (
        <Menu label="More actions" entries={element.options.map(({ text, url }) => ({ label: text.text, url }))} onChoose={press} />
      )}
      {element.confirm && asked !== undefined && (
        <ConfirmDialog
          confirm={element.confirm}
          onDecide={(yes) => {
            setAsked(undefined);
            if (yes) onClick?.(element.action_id, asked);
          }}
        />
      )}
    </>
  );
}

function ConfirmDialog({ confirm, onDecide }: { readonly confirm: Confirm; readonly onDecide: (yes: boolean) => void }): ReactNode {
  return (
    <Dialog label={confirm.title.text} onClose={() => onDecide(false)} narrow>
      <div className="dialog-head">
        <h2>{confirm.title.text}</h2>
      </div>
      <div className="dialog-body">
        <p>{confirm.text.text}</p>
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={() => onDecide(false)}>
          {confirm.deny.text}
        </button>
        <button type="button" className={`button ${confirm.style ?? 'primary'}`} onClick={() => onDecide(true)}>
          {confirm.confirm.text}
        </button>
      </div>
    </Dialog>
  );
}

/** A menu behind three dots: arrows walk through it, Escape closes it. */
export function Menu(given: {
  readonly label: string;
  readonly entries: readonly { readonly label: string; readonly url?: string | undefined }[];
  readonly onChoose: (label: string) => void;
}): ReactNode {
  const { label, entries, onChoose } = given;
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    list.current?.querySelector('button')?.focus();
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const onKey = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = all.findIndex((entry) => entry.matches(':focus'));
    if (event.key === 'Escape') {
      setOpen(false);
      opener.current?.focus();
    } else if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all.at(at - 1)?.focus();
    else if (event.key === 'Tab') return setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <div className="menu" ref={box}>
      <button
        type="button"
        className="button dots"
        ref={opener}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        ⋯
      </button>
      {open && (
        <div className="menu-list" role="menu" aria-label={label} tabIndex={-1} ref={list} onKeyDown={onKey}>
          {entries.map((entry) => (
            <button
              type="button"
              role="menuitem"
              key={entry.label}
              onClick={() => {
                setOpen(false);
                opener.current?.focus();
                if (entry.url !== undefined) window.open(entry.url, '_blank', 'noopener,noreferrer');
                onChoose(entry.label);
              }}
            >
              {entry.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
