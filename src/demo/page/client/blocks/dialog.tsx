import { type ReactNode, useEffect, useRef } from 'react';

/** A window above all else. The browser keeps the focus in it and gives it back; Escape closes it. */
export function Dialog(given: {
  readonly label: string;
  readonly onClose: () => void;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { label, onClose, narrow = false, children } = given;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
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
