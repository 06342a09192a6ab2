import type { JSX } from 'preact';
import type { Listing } from '../../api/desk-types';
import { inboxAddress, type Filters } from '../../route';

/** Nothing to show: which nothing it is, and what else there is. */
export function Empty({ filters, listing }: { filters: Filters; listing: Listing }): JSX.Element {
  const { state, ...narrowing } = filters;
  const isNarrowed = Object.keys(narrowing).length > 0;
  return (
    <div class="inbox__empty">
      <p>{emptyWords(filters, listing.decided_today)}</p>
      {isNarrowed && (
        <p>
          <a href={inboxAddress(state === undefined ? {} : { state })}>
            Show everything that {state === undefined ? 'waits' : 'was decided'}
          </a>
        </p>
      )}
    </div>
  );
}

export function emptyWords({ state, mine, q, ...narrowing }: Filters, today: number): string {
  const isOpen = state === undefined;
  if (q !== undefined) return `Nothing that ${isOpen ? 'waits' : 'was decided'} says “${q}”.`;
  const where = Object.keys(narrowing).length > 0 ? ' in this view' : '';
  if (!isOpen) return `Nothing was decided${where} yet.`;
  const which = mine === undefined ? 'Nothing waits for you' : 'Nothing that waits is yours';
  return `${which}${where}. ${today.toLocaleString('en')} decided today.`;
}
