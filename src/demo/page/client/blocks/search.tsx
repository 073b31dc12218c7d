import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { OptionState } from '../../state.ts';
import { useActing } from '../acting.ts';

/** A list whose choices the app is asked for as somebody types. */
export function Search(given: {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
  readonly 'aria-required': boolean;
  readonly view: number;
  readonly actionId: string;
  readonly placeholder: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { id, view, actionId, placeholder, onChange, ...aria } = given;
  const { act } = useActing();
  const [typed, setTyped] = useState('');
  const [options, setOptions] = useState<readonly OptionState[]>([]);
  // It stays open when the focus goes: what is below must not move away under a pointer.
  const [open, setOpen] = useState(true);
  const [at, setAt] = useState(-1);
  const asked = useRef(0);
  const ask = useRef((text: string) => {
    const turn = ++asked.current;
    void act({ do: 'suggest', view, actionId, typed: text }).then((answer) => {
      if (turn !== asked.current || !answer.ok) return;
      setOptions(answer.options ?? []);
      setAt(-1);
    });
  });
  useEffect(() => ask.current(''), []);
  const choose = (option: OptionState | undefined) => {
    if (option === undefined) return;
    setTyped(option.text);
    setOpen(false);
    onChange(option.value);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setOpen(true);
      if (options.length > 0) setAt((at + by + options.length) % options.length);
    } else if (event.key === 'Enter' && open && at >= 0) choose(options[at]);
    else if (event.key === 'Escape' && open) {
      setOpen(false);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  const isOpen = open && options.length > 0;
  return (
    <div className="search">
      <input
        {...aria}
        id={id}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && at >= 0 ? `${id}-${at}` : undefined}
        placeholder={placeholder}
        value={typed}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onKeyDown={onKey}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
          onChange('');
          ask.current(event.target.value);
        }}
      />
      <div className="listbox" id={`${id}-list`} role="listbox" aria-label="Choices" hidden={!isOpen}>
        {options.map((option, index) => (
          // The field has the keys; this is for a pointer.
          <div
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(option);
            }}
          >
            {option.text}
            {option.description && <small>{option.description}</small>}
          </div>
        ))}
      </div>
    </div>
  );
}
