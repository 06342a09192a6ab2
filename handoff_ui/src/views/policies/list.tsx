import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PolicyRow, Preset } from '../../api/policy-types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { focusOn } from '../../hooks/armed';
import { moveFocus } from '../../hooks/move-focus';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { usePolling } from '../../hooks/use-polling';
import { maySign } from '../../hooks/use-proposals';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { At } from '../../parts/deadline';
import { Notice } from '../../parts/alarm';
import { Seen } from '../../parts/quote';
import { policyAddress } from '../../route';
import { RISK_WORDS } from '../../words/item';
import { concerns } from '../../words/pause';
import { BlockedView } from '../blocked';
import type { Blocked } from '../../trust/fetch-package';
import { PausedNow, PauseSomething } from './pausing';
import { Unreadable } from './unreadable';

const LIST_MS = 15_000;

/** The workflows and their rules: first those on which somebody waits, then the others by name. */
export function PolicyList(): JSX.Element {
  const { client, pauses, session } = useApp();
  const [rows, setRows] = useState<PolicyRow[] | null>(null);
  const [trouble, setTrouble] = useState<Blocked['why'] | null>(null);
  const etag = useRef<string | null>(null);
  const [presets, setPresets] = useState<Preset[]>([]);
  useLayoutEffect(() => {
    void client.send<{ items: Preset[] }>('/v1/policy-presets').then((answer) => {
      if (answer.kind === 'ok') setPresets(answer.data.items);
    });
  }, [client]);
  const [workflows, setWorkflows] = useState<string[]>(session?.reviewer.workflows ?? []);
  useLayoutEffect(() => {
    void client.send<{ facets?: { workflows: string[] } }>('/v1/handoffs?facets=true&limit=1').then((answer) => {
      if (answer.kind !== 'ok') return;
      const sent = answer.data.facets?.workflows ?? [];
      setWorkflows((before) => [...new Set([...before, ...sent])].sort());
    });
  }, [client]);
  usePolling(
    async () => {
      const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
      const answer = await client.send<{ items: PolicyRow[] }>('/v1/policies', { headers });
      if (answer.kind === 'ok') {
        etag.current = answer.etag;
        setRows(answer.data.items);
      }
      if (answer.kind === 'unreachable') setTrouble(answer.offline ? 'offline' : 'lost');
      else if (answer.kind === 'problem') {
        setTrouble(({ 401: 'signed_out', 403: 'no_access' } as const)[answer.problem.status] ?? 'not_found');
      } else setTrouble(null);
      return undefined;
    },
    LIST_MS,
    'policies',
  );
  useLayoutEffect(() => {
    document.title = 'Policies – Handoff';
  }, []);
  const list = useRef<HTMLDivElement>(null);
  const isThere = rows !== null;
  useLayoutEffect(() => {
    if (isThere && document.activeElement === document.body) focusOn(list.current?.querySelector('h1') ?? null);
  }, [isThere]);
  useKeptFocus(list);
  useShortcuts({ j: () => moveFocus(list.current, 1), k: () => moveFocus(list.current, -1) });

  if (trouble !== null && rows === null) return <BlockedView why={{ why: trouble }} />;
  if (rows === null) {
    return (
      <p class="loading" role="status">
        Looking what the rules are…
      </p>
    );
  }
  const own = [...rows].sort(inOrder);
  const others = workflows.filter((id) => !rows.some((row) => row.workflow_id === id));
  return (
    <div class="inbox" ref={list}>
      <h1 class="inbox__title" tabIndex={-1}>
        When a person is asked
      </h1>
      <p class="inbox__lede">
        Each workflow asks a person by its own rules. Open one to read them, to try other numbers, and to change them.
      </p>
      {trouble !== null && (
        <Notice title={trouble === 'offline' ? 'You are offline.' : 'Handoff does not answer right now.'}>
          This list may be out of date. It is asked for again by itself.
        </Notice>
      )}
      <Unreadable names={own.filter(({ readable }) => !readable).map(nameOf)} />
      <PausedNow pauses={pauses} />
      {own.length === 0 ? (
        <p class="inbox__empty">
          No workflow has rules of its own yet; each runs under built-in ones. Open one below to give it its own.
        </p>
      ) : (
        <Rows rows={own} />
      )}
      {others.length > 0 && <UnderBuiltIn workflows={others} />}
      <OpenOther known={workflows} />
      <BuiltIn presets={presets} />
      <PauseSomething workflowId={null} />
    </div>
  );
}

/** Workflows that sent cases and have no rules of their own: nobody has to know how their steps are named. */
function UnderBuiltIn({ workflows }: { workflows: string[] }): JSX.Element {
  return (
    <section aria-labelledby="under-built-in">
      <h2 id="under-built-in">Under built-in rules</h2>
      <ul class="rows">
        {workflows.map((id) => (
          <li key={id} class="row built-in__row">
            <div class="row__what">
              <a class="row__link" href={policyAddress(id)}>
                {humanise(id)}
              </a>
              <span class="row__where">{id}</span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The way to the rules of a workflow that has none of its own yet. */
function OpenOther({ known }: { known: string[] }): JSX.Element {
  const [name, setName] = useState('');
  return (
    <form
      class="open-other"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') window.location.hash = policyAddress(name.trim());
      }}
    >
      <label class="field">
        <span class="field__label">A workflow, by the name that its steps send</span>
        <input
          class="input"
          list="known-workflows"
          autocomplete="off"
          spellcheck={false}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <datalist id="known-workflows">
        {known.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <button class="button button--plain">Open its rules</button>
    </form>
  );
}

/** What workflows without rules of their own run under, and what others begin from. */
function BuiltIn({ presets }: { presets: Preset[] }): JSX.Element | null {
  if (presets.length === 0) return null;
  return (
    <details class="built-in">
      <summary>Built-in rules ({presets.length}), which others begin from</summary>
      <ul class="rows">
        {presets.map(({ name, title, description }) => (
          <li key={name} class="row built-in__row">
            <div class="row__what">
              <a class="row__link" href={policyAddress(name)}>
                {title ?? humanise(name)}
              </a>
              <span class="row__where">{name}</span>
            </div>
            <p>{description}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Rows({ rows }: { rows: PolicyRow[] }): JSX.Element {
  const { pauses, session } = useApp();
  return (
    <ol class="rows policies" aria-label="Workflows with rules of their own">
      {rows.map((row) => (
        <li key={row.workflow_id} class="row policies__row">
          <div class="row__what">
            <a class="row__link" href={policyAddress(row.workflow_id)}>
              <Seen text={nameOf(row)} />
            </a>
            <span class="row__where">{row.workflow_id}</span>
          </div>
          <div class="row__why">
            {!row.readable && <span class="chip chip--warn">cannot be read</span>}
            {row.proposal && (
              <span class="chip chip--warn">
                {session !== null && maySign(row, session.reviewer)
                  ? 'a proposal waits for you'
                  : 'waits for a sign-off'}
              </span>
            )}
            {pauses.some((pause) => concerns(pause, row.workflow_id)) && <span class="chip chip--warn">paused</span>}
          </div>
          <div class="row__stake" data-risk={row.risk_tier}>
            {row.risk_tier !== null && RISK_WORDS[row.risk_tier]}
          </div>
          <div class="policies__saved">
            {row.version > 0 ? `Version ${row.version}` : 'No rules of its own yet'}
            {row.saved_at !== null && (
              <span class="row__where">
                {row.saved_by?.name ?? 'Handoff'}, <At at={row.saved_at} />
              </span>
            )}
          </div>
          <div class="policies__owner">
            {row.owner?.name && (
              <>
                <span class="row__where">Owner</span>
                <Seen text={row.owner.name} />
              </>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

function inOrder(a: PolicyRow, b: PolicyRow): number {
  return Number(b.proposal) - Number(a.proposal) || nameOf(a).localeCompare(nameOf(b));
}

function nameOf({ title, workflow_id }: PolicyRow): string {
  return title ?? humanise(workflow_id);
}
