import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { useActing } from '../acting.ts';

const COMMAND = '/imagepull';

/** Where somebody writes: a message, or a command with a list of those that there are. Its Enter sends. */
export function Composer(given: { readonly channel: string; readonly thread?: string; readonly label: string }): ReactNode {
  const { channel, thread, label } = given;
  const { act, slack, me } = useActing();
  const [text, setText] = useState('');
  const [at, setAt] = useState(-1);
  const [closed, setClosed] = useState(false);
  const [refusal, setRefusal] = useState('');
  const id = useId();
  const begins = thread === undefined ? COMMAND : `@${slack.bot.name}`;
  const choices = completions(text, begins, slack.commands);
  const isOpen = !closed && choices.length > 0;
  const change = (next: string) => {
    setText(next);
    setAt(-1);
    setClosed(false);
    setRefusal('');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    if (words === '') return;
    change('');
    setClosed(true);
    void act({ do: 'write', channel, ...(thread === undefined ? {} : { thread }), text: words }).then((answer) => {
      if (answer.ok) return;
      setText(words);
      setRefusal(answer.says);
    });
  };
  const onKey = (event: KeyboardEvent) => {
    const chosen = choices[at];
    if (!isOpen) return;
    if (event.key === 'ArrowDown') setAt((at + 1) % choices.length);
    else if (event.key === 'ArrowUp') setAt((at <= 0 ? choices.length : at) - 1);
    else if (event.key === 'Escape') setClosed(true);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) change(chosen.written);
    else return;
    event.preventDefault();
  };
  return (
    <form className="composer" onSubmit={submit} aria-label={label}>
      <div className="listbox above" id={`${id}-list`} role="listbox" aria-label="Commands" hidden={!isOpen}>
        {choices.map(({ usage, what, written }, index) => (
          <div
            key={usage}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault();
              change(written);
            }}
          >
            <code>
              {begins} {usage}
            </code>
            <small>{what}</small>
          </div>
        ))}
      </div>
      {refusal !== '' && (
        <p className="error" role="alert">
          {refusal}
        </p>
      )}
      <div className="composer-box">
        <input
          type="text"
          role="combobox"
          autoComplete="off"
          aria-label={`${label}, as ${me.name}`}
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isOpen && at >= 0 ? `${id}-${at}` : undefined}
          maxLength={4_000}
          placeholder={
            thread === undefined ? `As ${me.name}: a message, or ${COMMAND} …` : `As ${me.name}: a reply, or @${slack.bot.name} …`
          }
          value={text}
          onKeyDown={onKey}
          onBlur={() => setClosed(true)}
          onFocus={() => setClosed(false)}
          onChange={(event) => change(event.target.value)}
        />
        <button type="submit" className="button send" aria-label="Send" disabled={text.trim() === ''}>
          ➤
        </button>
      </div>
    </form>
  );
}

interface Completion {
  readonly usage: string;
  readonly what: string;
  /** What is written once it is chosen. */
  readonly written: string;
}

/** Commands that what is written may become. */
function completions(
  text: string,
  begins: string,
  commands: readonly { readonly usage: string; readonly what: string }[],
): readonly Completion[] {
  const sign = begins.slice(0, 1);
  if (!text.startsWith(sign)) return [];
  const [first = '', ...rest] = text.split(' ');
  if (!begins.startsWith(first) || (rest.length > 0 && first !== begins)) return [];
  const typed = rest.join(' ').toLowerCase();
  return commands
    .map(({ usage, what }) => ({ usage, what, written: `${begins} ${fixedWords(usage)}` }))
    .filter(({ usage, written }) => fixedWords(usage).startsWith(typed) && written !== text);
}

/** The words of a form before those that somebody has to fill in: `silence NAMESPACE/WORKLOAD 2h` has one. */
function fixedWords(usage: string): string {
  const words = usage.split(' ');
  const end = words.findIndex((word) => !/^[a-z]+$/.test(word));
  return `${words.slice(0, end < 0 ? words.length : end).join(' ')}${end < 0 ? '' : ' '}`;
}
