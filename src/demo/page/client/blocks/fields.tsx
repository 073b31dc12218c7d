import { type ReactNode, useId } from 'react';
import { Search } from './search.tsx';

interface Plain {
  readonly text: string;
}
/** A choice of a list. */
interface Choice {
  readonly text: Plain;
  readonly value: string;
  readonly description?: Plain;
}
type Input =
  | {
      readonly type: 'plain_text_input';
      readonly multiline?: boolean;
      readonly max_length?: number;
      readonly placeholder?: Plain;
      readonly initial_value?: string;
    }
  | { readonly type: 'static_select'; readonly options: readonly Choice[]; readonly placeholder?: Plain; readonly initial_option?: Choice }
  | { readonly type: 'radio_buttons'; readonly options: readonly Choice[]; readonly initial_option?: Choice }
  | { readonly type: 'external_select'; readonly action_id: string; readonly placeholder?: Plain };
/** A field of a window. */
export interface InputBlock {
  readonly type: 'input';
  readonly block_id?: string;
  readonly label: Plain;
  readonly hint?: Plain;
  readonly optional?: boolean;
  readonly element: Input;
}

/** A field with its label, hint and what is wrong with it. */
export function Field(given: {
  readonly block: InputBlock;
  readonly view: number;
  readonly value: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { block, view, error, onChange } = given;
  const { element, label, hint, optional = false } = block;
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const shared = { id, 'aria-describedby': described, 'aria-invalid': error !== undefined, 'aria-required': !optional };
  return (
    <div className="field">
      {element.type === 'radio_buttons' ? (
        <fieldset aria-describedby={described}>
          <legend>{label.text}</legend>
          {element.options.map(({ text, value, description }) => (
            <label key={value} className="radio">
              <input
                type="radio"
                name={id}
                value={value}
                checked={(given.value ?? element.initial_option?.value) === value}
                onChange={() => onChange(value)}
              />
              <span>
                {text.text}
                {description && <small>{description.text}</small>}
              </span>
            </label>
          ))}
        </fieldset>
      ) : (
        <label htmlFor={id}>
          {label.text} {optional && <small>(optional)</small>}
        </label>
      )}
      {element.type === 'static_select' && (
        <select {...shared} value={given.value ?? element.initial_option?.value ?? ''} onChange={(event) => onChange(event.target.value)}>
          <option value="" disabled>
            {element.placeholder?.text ?? 'Choose'}
          </option>
          {element.options.map(({ text, value }) => (
            <option key={value} value={value}>
              {text.text}
            </option>
          ))}
        </select>
      )}
      {element.type === 'plain_text_input' &&
        (element.multiline ? (
          <textarea
            {...shared}
            rows={3}
            maxLength={element.max_length}
            placeholder={element.placeholder?.text}
            value={given.value ?? element.initial_value ?? ''}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <input
            {...shared}
            type="text"
            maxLength={element.max_length}
            placeholder={element.placeholder?.text}
            value={given.value ?? element.initial_value ?? ''}
            onChange={(event) => onChange(event.target.value)}
          />
        ))}
      {element.type === 'external_select' && (
        <Search {...shared} view={view} actionId={element.action_id} placeholder={element.placeholder?.text} onChange={onChange} />
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint.text}
        </p>
      )}
      {error && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
