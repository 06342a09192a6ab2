import type { JSX } from 'preact';
import { isNarrowLabel, tableColumns } from '../content/display';
import { showsFile } from '../content/files';
import { humanise } from '../content/humanise';
import { joinPointer } from '../content/pointer';
import type { DisplayKind } from '../trust/package';
import type { Json } from '../trust/strict-json';
import { dateTimeWords, dateWords, parseTime } from '../words/time';
import { Media } from './later-files';
import { Quote, Seen } from './quote';
import { RedactedChip, useRedaction } from './redacted';
import { Table } from './table';

interface ValueProps {
  value: Json | undefined;
  kind: DisplayKind | 'auto';
  /** Where it stands in the package; left out where nothing can be hidden. */
  pointer?: string;
}

/** Any JSON value as something to read: never as raw JSON. */
export function Value({ value, kind, pointer = '' }: ValueProps): JSX.Element {
  const redacted = useRedaction(pointer);
  if (redacted !== null) return <RedactedChip label={redacted} />;
  if (value === undefined) return <p class="nothing">Not in this case.</p>;
  if (value === null) return <p class="nothing">Nothing given</p>;
  if (typeof value === 'string') {
    if (showsFile({ kind })) return <Media value={value} />;
    const at_ms = kind === 'date' ? parseTime(value) : null;
    return at_ms === null ? <Quote text={value} /> : <Moment value={value} at_ms={at_ms} />;
  }
  if (typeof value === 'number') return <Quote text={kind === 'number' ? grouped(value) : String(value)} />;
  if (typeof value === 'boolean') return <Quote text={value ? 'Yes' : 'No'} />;
  const columns = tableColumns(value);
  if (columns !== null)
    return <Table rows={value as { [key: string]: Json }[]} columns={columns} pointer={pointer} cell={cellOf} />;
  return Array.isArray(value) ? <List items={value} pointer={pointer} /> : <Members value={value} pointer={pointer} />;
}

function cellOf(value: Json | undefined, pointer: string): JSX.Element {
  return <Value value={value} kind="auto" pointer={pointer} />;
}

function List({ items, pointer }: { items: Json[]; pointer: string }): JSX.Element {
  if (items.length === 0) return <p class="nothing">Empty list</p>;
  return (
    <ol class="list">
      {items.map((item, at) => (
        <li key={at}>
          <Value value={item} kind="auto" pointer={joinPointer(pointer, at)} />
        </li>
      ))}
    </ol>
  );
}

function Members({ value, pointer }: { value: { [key: string]: Json }; pointer: string }): JSX.Element {
  const members = Object.entries(value);
  if (members.length === 0) return <p class="nothing">Empty</p>;
  return (
    <dl class="members">
      {members.map(([key, member]) => {
        const label = humanise(key);
        const isBlock = (typeof member === 'object' && member !== null) || !isNarrowLabel(label);
        return (
          <div key={key} class="members__row" data-block={isBlock}>
            <dt>
              <Seen text={label} />
            </dt>
            <dd>
              <Value value={member} kind="auto" pointer={joinPointer(pointer, key)} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The reader's own time, and the text itself beside it: that is what goes on. */
function Moment({ value, at_ms }: { value: string; at_ms: number }): JSX.Element {
  const words = value.includes('T') ? dateTimeWords(at_ms) : dateWords(at_ms);
  return (
    <div class="moment">
      <Quote text={value} />
      <time dateTime={value}>{words}</time>
    </div>
  );
}

function grouped(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: 20 }).format(value);
}
