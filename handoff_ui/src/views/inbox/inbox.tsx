import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { count } from '../../content/reading';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { Notice } from '../../parts/alarm';
import { Button } from '../../parts/button';
import { filterQuery, type Filters } from '../../route';
import { BlockedView } from '../blocked';
import { backToPlace, notePlace, noteView } from './came-with';
import { headline, othersIn } from './counts';
import { Empty } from './empty';
import { FilterBar, useFacets } from './filters';
import { Rows } from './rows';
import { useArrivals, useInbox } from './use-inbox';
import { useWalk } from './use-walk';

/** How many wait for this person, as far as it was told. */
let badge = 0;

/** Everything that waits, or was decided. What is shown stands in the address, so that a view can be shared. */
export function InboxView({ filters }: { filters: Filters }): JSX.Element {
  const view = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const { shown, isOld, trouble, showFresh, showMore } = useInbox(filters, list);
  const facets = useFacets();
  const decided = filters.state === 'decided';
  const arrived = useArrivals(shown);
  useKeptFocus(view);
  const isThere = shown !== null && !isOld;
  useLayoutEffect(() => {
    if (isThere) backToPlace(list.current);
  }, [isThere]);
  useWalk(view, shown !== null);
  useLayoutEffect(() => noteView(filters), [filters]);
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-id="${wanted.current}"] .row__link`)?.focus();
    wanted.current = null;
  }, [shown]);
  // Whatever view is open, the title of the tab tells how many wait for this person.
  if (shown !== null && !isOld && filterQuery(filters) === '') badge = shown.newest.waiting - othersIn(shown.newest);
  const waiting = badge;
  useLayoutEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${decided ? 'Decided' : 'Waiting'} – Handoff`;
  }, [waiting, decided]);

  if (trouble === 'no_access') return <BlockedView why={{ why: trouble }} />;
  if (shown === null) {
    if (trouble !== null) return <BlockedView why={{ why: trouble }} />;
    return (
      <p class="loading" role="status">
        Looking what waits…
      </p>
    );
  }
  const fresh = shown.fresh.length;
  // Of one's own cases each is told, whoever has it now.
  const others = decided || filters.mine ? 0 : othersIn(shown.newest);
  const showFirst = (): void => {
    wanted.current = shown.fresh[0] ?? null;
    showFresh();
  };
  return (
    <div class="inbox" ref={view}>
      <div class="inbox__head">
        <h1 class="inbox__title" tabIndex={-1}>
          {headline(filters, shown.newest, others)}
        </h1>
        {others > 0 && <p class="inbox__lede">And {others} for others.</p>}
        {fresh > 0 && <Button onPress={showFirst}>Show {count(fresh, 'new case')}</Button>}
        <p class="unseen" role="status">
          {!decided && arrived}
        </p>
      </div>
      <FilterBar filters={filters} rows={shown.rows} facets={facets} />
      <div class="rows" ref={list} onClick={notePlace} aria-busy={isOld} data-empty={shown.rows.length === 0}>
        {shown.rows.length > 0 && <Rows rows={shown.rows} decided={decided} gone={shown.gone} />}
        {shown.rows.length === 0 && shown.cursor === null && <Empty filters={filters} listing={shown.newest} />}
      </div>
      {shown.cursor !== null && <Button onPress={() => void showMore()}>Show more</Button>}
      {trouble !== null && (
        <div class="inbox__trouble">
          <Notice title={trouble === 'offline' ? 'You are offline.' : 'Handoff does not answer right now.'}>
            This list may be out of date. It is asked for again by itself.
          </Notice>
        </div>
      )}
    </div>
  );
}
