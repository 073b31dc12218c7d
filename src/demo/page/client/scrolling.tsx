import type { ReactNode, Ref, UIEvent } from 'react';

/** A part of the page that scrolls, and that the keyboard reaches therefore. */
export function Scrolling(given: {
  readonly label: string;
  readonly className: string;
  readonly box?: Ref<HTMLElement>;
  readonly onScroll?: (event: UIEvent<HTMLElement>) => void;
  readonly children: ReactNode;
}): ReactNode {
  const { label, className, box, onScroll, children } = given;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody could scroll it by keyboard
    <section className={className} aria-label={label} ref={box} tabIndex={0} onScroll={onScroll}>
      {children}
    </section>
  );
}
