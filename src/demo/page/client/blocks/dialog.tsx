import { type ReactNode, useEffect, useRef } from 'react';

/** A window above all else. The browser keeps the focus in it and gives it back; Escape closes it. */
export function Dialog(given: {
  readonly label: string;
  readonly onClose: () => void;
  readonly narrow?: boolean;
  /** What has the focus first, as a selector; the first that can have it where there is none. */
  readonly focus?: string;
  readonly children: ReactNode;
}): ReactNode {
  const { label, onClose, narrow = false, focus, children } = given;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    const first = focus === undefined ? null : shown?.querySelector(focus);
    if (first instanceof HTMLElement) first.focus();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [focus]);
  return (
    <dialog
      ref={dialog}
      className={narrow ? 'dialog narrow' : 'dialog'}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}
