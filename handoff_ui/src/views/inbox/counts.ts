import type { Listing } from '../../api/desk-types';
import type { Filters } from '../../route';

/** Of what waits in a view: with how many this person can do nothing now. Of more than a page it is not known. */
export function othersIn({ items, cursor }: Listing): number {
  return cursor === null ? items.filter(({ may_act }) => may_act === false).length : 0;
}

/** What stands above the list: how many wait for this person, or are theirs. */
export function headline({ state, mine }: Filters, { waiting, waiting_exact }: Listing, others: number): string {
  if (state !== undefined) return 'Decided';
  const many = mine ? waiting : waiting - others;
  const isOne = many === 1;
  const verb = mine ? (isOne ? 'is yours' : 'are yours') : isOne ? 'waits' : 'wait';
  if (many === 0) return mine ? 'Nothing is yours' : 'Nothing waits';
  return `${many.toLocaleString('en')}${waiting_exact === false ? '+' : ''} case${isOne ? '' : 's'} ${verb}`;
}
