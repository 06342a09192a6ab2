const INBOX = { link: '.row__link', row: '.row' };

/** j and k walk through the rows of a list; the first press starts at the top. */
export function moveFocus(list: HTMLElement | null, by: 1 | -1, { link, row } = INBOX): void {
  const links = [...(list?.querySelectorAll<HTMLElement>(link) ?? [])];
  const at = links.findIndex((each) => (each.closest(row) ?? each).contains(document.activeElement));
  const to = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[to]?.focus();
}
