import type { ReactNode } from 'react';

/** A picture of somebody, drawn of the first letter of their name. */
export function Avatar({
  name,
  bot = false,
  small = false,
}: {
  readonly name: string;
  readonly bot?: boolean;
  readonly small?: boolean;
}): ReactNode {
  const classes = ['avatar', bot ? 'is-bot' : `is-${name}`, small ? 'small' : ''].join(' ');
  return (
    <span className={classes} aria-hidden="true">
      {bot ? '↓' : name.slice(0, 1).toUpperCase()}
    </span>
  );
}
