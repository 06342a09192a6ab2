import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { spelled } from '../../content/reading';
import type { Facets, ListedRow } from '../../api/desk-types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { inboxAddress, type FilterName, type Filters } from '../../route';
import { RISK_WORDS } from '../../words/item';

const SEARCH_AFTER_MS = 300;

interface BarProps {
  filters: Filters;
  rows: ListedRow[];
  facets: Facets | null;
}

/** Tabs, a search, and what the list can be narrowed by. All of it stands in the address. */
export function FilterBar({ filters, rows, facets }: BarProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const narrowed = Object.keys(filters).filter((name) => !['state', 'mine', 'q'].includes(name)).length;
  const choices = choicesOf(filters, rows, facets);
  const narrowing = { ...filters, state: undefined, mine: undefined };
  const view = filters.state ?? (filters.mine ? 'mine' : 'open');
  const tab = (name: string, label: string, more: Filters): JSX.Element => (
    <a href={inboxAddress({ ...narrowing, ...more })} aria-current={view === name ? 'page' : undefined}>
      {label}
    </a>
  );
  return (
    <div class="filters">
      <nav class="tabs" aria-label="Which cases">
        {tab('open', 'Waiting', {})}
        {tab('mine', 'Yours', { mine: 'true' })}
        {tab('decided', 'Decided', { state: 'decided' })}
      </nav>
      <Search filters={filters} />
      {choices.length > 0 && (
        <div class="filters__toggle">
          <button type="button" class="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {narrowed === 0 ? 'Filters' : `Filters (${narrowed})`}
          </button>
        </div>
      )}
      <div class="filters__choices" data-open={open}>
        {choices.map(({ name, label, values }) => (
          <label key={name} class="filters__choice">
            <span class="unseen">{label}</span>
            <select
              class="input"
              data-set={filters[name] !== undefined}
              value={filters[name] ?? ''}
              onChange={({ currentTarget }) => {
                window.location.hash = inboxAddress({ ...filters, [name]: currentTarget.value });
              }}
            >
              <option value="">{label}: all</option>
              {values.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        ))}
        {narrowed > 0 && <a href={inboxAddress({ state: filters.state, mine: filters.mine })}>Show all</a>}
      </div>
    </div>
  );
}

/** Words to find; the address follows when the typing rests, without a step in the history for every letter. */
function Search({ filters }: { filters: Filters }): JSX.Element {
  const said = filters.q ?? '';
  const [text, setText] = useState(said);
  /** What the address was given last; where it says something else, it was changed elsewhere. */
  const given = useRef(said);
  useLayoutEffect(() => {
    if (said === given.current) return;
    given.current = said;
    setText(said);
  }, [said]);
  useLayoutEffect(() => {
    const wanted = text.trim();
    if (wanted === given.current) return;
    const timer = setTimeout(() => {
      given.current = wanted;
      window.location.replace(inboxAddress({ ...filters, q: wanted }));
    }, SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, filters]);
  return (
    <label class="filters__search">
      <span class="unseen">Search</span>
      <input
        class="input"
        type="search"
        name="q"
        maxLength={100}
        placeholder="Search"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </label>
  );
}

interface Choice {
  name: FilterName;
  label: string;
  values: [value: string, words: string][];
}

/** What can be chosen among at all: a list with one entry narrows nothing. */
function choicesOf(filters: Filters, rows: ListedRow[], facets: Facets | null): Choice[] {
  const titles = new Map(facets?.queues.map(({ id, title }) => [id, title]));
  const known = (name: FilterName, found: (string | null | undefined)[]): string[] =>
    [...new Set([...found, filters[name]])].filter((value) => value != null).sort();
  const named = (values: string[]): [string, string][] =>
    values.map((value) => [value, spelled(titles.get(value) ?? humanise(value))]);
  const choices: Choice[] = [
    {
      name: 'workflow_id',
      label: 'Workflow',
      values: named(known('workflow_id', [...(facets?.workflows ?? []), ...rows.map((row) => row.workflow_id)])),
    },
    {
      name: 'queue',
      label: 'Queue',
      values: named(known('queue', [...titles.keys(), ...rows.map(({ queue }) => queue)])),
    },
    {
      name: 'issue',
      label: 'Issue',
      values: named(known('issue', [...(facets?.issues ?? []), ...rows.map(({ category }) => category)])),
    },
    { name: 'risk_tier', label: 'Risk', values: Object.entries(RISK_WORDS).reverse() },
    { name: 'level', label: 'Level', values: ['1', '2', '3', '4'].map((level) => [level, `Level ${level}`]) },
  ];
  return choices.filter(({ name, values }) => values.length > 1 || filters[name] !== undefined);
}

const FACETS_LIVE_MS = 60_000;
let kept: { by: string; at_ms: number; facets: Facets } | null = null;

/** What waits, to choose from. Asked for rarely, because the companion reads much for it. */
export function useFacets(): Facets | null {
  const { client, session } = useApp();
  const by = session?.reviewer.id ?? '';
  const [facets, setFacets] = useState(kept?.by === by ? kept.facets : null);
  useLayoutEffect(() => {
    if (kept?.by === by && performance.now() - kept.at_ms < FACETS_LIVE_MS) return;
    void client.send<{ facets?: Facets }>('/v1/handoffs?state=open&limit=1&facets=true').then((answer) => {
      if (answer.kind !== 'ok' || answer.data.facets === undefined) return;
      kept = { by, at_ms: performance.now(), facets: answer.data.facets };
      setFacets(kept.facets);
    });
  }, [client, by]);
  return facets;
}
