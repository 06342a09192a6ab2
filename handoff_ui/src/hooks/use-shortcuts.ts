import { useLayoutEffect, useRef } from 'preact/hooks';

const STORED_AS = 'handoff.shortcuts';

export function shortcutsOn(): boolean {
  try {
    return localStorage.getItem(STORED_AS) !== 'off';
  } catch {
    return true; // Storage is blocked in this browser: the choice lasts as long as the default.
  }
}

/** WCAG 2.1.4: single-key shortcuts can be switched off, because speech input presses keys by accident. */
export function setShortcutsOn(on: boolean): void {
  try {
    localStorage.setItem(STORED_AS, on ? 'on' : 'off');
  } catch {
    // As above.
  }
}

/** Single keys → what they do. They rest while a person types, and while a dialog is open. */
export function useShortcuts(keys: Record<string, (() => void) | undefined>): void {
  const latest = useRef(keys);
  latest.current = keys;
  // Before anything is painted: a key that is struck the moment the case shows would be lost otherwise.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      if (event.key !== '?' && !shortcutsOn()) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['radio', 'checkbox', 'button'].includes(target.type))
  );
}
