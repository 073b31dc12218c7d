import { memo, type ReactNode } from 'react';
import { type Block, Message } from 'slack-blocks-to-jsx';
import { type Acting, useActing } from '../acting.ts';
import { Accessory, type Elements, isInteractive } from './elements.tsx';

/** A block as far as the page itself looks into it. */
export interface AnyBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly accessory?: Elements;
  readonly elements?: readonly Elements[];
}

const CIRCLE = /^(?:large_)?(red|orange|green|blue|white)_circle$/;
/** A message's permalink. */
const PERMALINK = /^https:\/\/slack\.test\/archives\/([A-Z0-9]{1,20})\/p(\d{1,12})(\d{6})$/;

/**
 * Blocks of a message or a Home. slack-blocks-to-jsx draws all that is only looked at; what can be clicked is drawn here, since it has to
 * reach the app.
 */
export function BlockKit({ blocks, onClick }: { readonly blocks: readonly unknown[]; readonly onClick?: Click }): ReactNode {
  // The stand-in let only blocks through that Slack takes.
  const known = blocks as readonly AnyBlock[];
  return (
    <div className="blocks">
      {grouped(known).map((group, at) => {
        const [first] = group;
        const key = `${at}`;
        if (first === undefined) return null;
        if (first.type === 'actions')
          return (
            <div className="actions" key={key}>
              {first.elements?.map((element) => (
                <Accessory key={element.action_id} element={element} onClick={onClick} />
              ))}
            </div>
          );
        if (first.accessory !== undefined && isInteractive(first.accessory)) {
          const { accessory, ...rest } = first;
          return (
            <div className="with-accessory" key={key}>
              <Shown blocks={[rest]} />
              <Accessory element={accessory} onClick={onClick} />
            </div>
          );
        }
        return <Shown blocks={group} key={key} />;
      })}
    </div>
  );
}

export type Click = (actionId: string, label: string) => void;

/** Text with markup, as a message without blocks has it. */
export function Markup({ text }: { readonly text: string }): ReactNode {
  return <Shown blocks={[{ type: 'section', text: { type: 'mrkdwn', text } } as AnyBlock]} />;
}

/** What cannot be clicked stays together; each of the others is alone. */
function grouped(blocks: readonly AnyBlock[]): readonly (readonly AnyBlock[])[] {
  const groups: AnyBlock[][] = [];
  let open: AnyBlock[] | undefined;
  for (const block of blocks) {
    if (block.type === 'actions' || block.accessory !== undefined) {
      groups.push([block]);
      open = undefined;
    } else if (open) open.push(block);
    else {
      open = [block];
      groups.push(open);
    }
  }
  return groups;
}

function Shown({ blocks }: { readonly blocks: readonly AnyBlock[] }): ReactNode {
  return <Drawn json={JSON.stringify(blocks)} acting={useActing()} />;
}

/** Drawn anew only where it reads otherwise: who is in the workspace does not change. */
const Drawn = memo(
  ({ json, acting: { slack, theme, goTo } }: { readonly json: string; readonly acting: Acting }): ReactNode => (
    <Message
      blocks={withMarkup(json)}
      name=""
      logo=""
      theme={theme}
      withoutWrapper
      data={{
        users: [slack.bot, ...slack.people].map(({ id, name }) => ({ id, name })),
        channels: slack.channels.map(({ id, name }) => ({ id, name })),
        user_groups: [],
      }}
      hooks={{
        // Not every machine has a font with emoji.
        emoji: (data, parse) => {
          const [, color] = CIRCLE.exec(data.name) ?? [];
          if (color !== undefined) return <span className={`dot ${color}`} role="img" aria-label={`${color} circle`} />;
          // The library takes `:5000/shop/web:` of an image for one as well, and hands it out with its colons.
          if (data.name.startsWith(':')) return data.name;
          const drawn = parse(data);
          return drawn === data.name ? `:${data.name}:` : drawn;
        },
        user: ({ id, name }) => <span className="mention">@{name || id}</span>,
        channel: ({ id, name }) => <span className="mention">#{name || id}</span>,
        link: ({ href, children }) => {
          const [, channel, seconds, rest] = PERMALINK.exec(href) ?? [];
          if (channel === undefined)
            return (
              <a href={href} target="_blank" rel="noreferrer noopener">
                {children}
              </a>
            );
          return (
            <button type="button" className="link" onClick={() => goTo(channel, `${seconds}.${rest}`)}>
              {children}
            </button>
          );
        },
      }}
    />
  ),
  (before, after) => before.json === after.json && before.acting.theme === after.acting.theme,
);

/** At Slack `verbatim` keeps it from making links by itself, which the library never does; there it would keep all markup from being read. */
function withMarkup(json: string): Block[] {
  return JSON.parse(json, (key, value: unknown) => (key === 'verbatim' ? undefined : value)) as Block[];
}
