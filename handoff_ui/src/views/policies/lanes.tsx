import type { JSX } from 'preact';
import type { Lane, Report } from '../../api/policy-types';
import { LANE_WORDS } from '../../words/route';

const LANES: Lane[] = ['auto_approve', 'human_review', 'specialist_review', 'reject', 'stop_the_line'];

/** Where the cases go, now and with the numbers of the draft: two bars a lane, each with its number. */
export function Lanes({ report }: { report: Report }): JSX.Element {
  const { before, after } = report;
  const most = Math.max(1, ...LANES.flatMap((lane) => [before.lanes[lane] ?? 0, after.lanes[lane] ?? 0]));
  return (
    <ul class="lanes" aria-label="Where the cases go, now and then">
      {LANES.map((lane) => {
        const [now, then] = [before.lanes[lane] ?? 0, after.lanes[lane] ?? 0];
        return (
          <li key={lane} class="lane" data-changed={now !== then}>
            <span class="lane__name">{LANE_WORDS[lane]}</span>
            <span class="lane__numbers">
              {now !== then && (
                <>
                  <span class="unseen">now </span>
                  {now.toLocaleString('en')}
                  <span aria-hidden="true"> → </span>
                  <span class="unseen">, then </span>
                </>
              )}
              <b>{then.toLocaleString('en')}</b>
            </span>
            <svg class="lane__bars" width="100%" height="14" aria-hidden="true">
              <rect class="bars__now" width={`${(now / most) * 100}%`} height="6" />
              <rect class="bars__then" y="8" width={`${(then / most) * 100}%`} height="6" />
            </svg>
          </li>
        );
      })}
    </ul>
  );
}

const HEIGHT = 72;
const FEWEST_DAYS = 10;
const DAY_MS = 86_400_000;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** How many cases wait for a person, day by day. */
export function QueuePerDay({ days }: { days: Report['per_day'] }): JSX.Element | null {
  if (days.length === 0) return null;
  const most = Math.max(1, ...days.flatMap(({ before, after }) => [before, after]));
  // One day alone must not be a wall.
  const wide = 100 / Math.max(FEWEST_DAYS, days.length);
  const tall = (value: number): number => (value / most) * HEIGHT;
  const mean = (of: 'before' | 'after'): string =>
    (days.reduce((sum, one) => sum + one[of], 0) / days.length).toLocaleString('en', { maximumFractionDigits: 1 });
  const [first, last] = [days[0]?.date ?? '', days.at(-1)?.date ?? ''];
  return (
    <figure class="queue">
      <figcaption>
        People get <b>{mean('after')} cases a day</b>, now {mean('before')}; at most {most.toLocaleString('en')}.
      </figcaption>
      <svg class="queue__days" width="100%" height={HEIGHT} aria-hidden="true">
        {days.map(({ date, before, after }, at) => (
          <g key={date}>
            <rect
              class="bars__now"
              x={`${at * wide + wide * 0.1}%`}
              width={`${wide * 0.38}%`}
              y={HEIGHT - tall(before)}
              height={tall(before)}
            />
            <rect
              class="bars__then"
              x={`${at * wide + wide * 0.52}%`}
              width={`${wide * 0.38}%`}
              y={HEIGHT - tall(after)}
              height={tall(after)}
            />
          </g>
        ))}
        <line class="queue__ground" x1="0" x2="100%" y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
      <p class="queue__ends" aria-hidden="true">
        <span>{dayWords(first)}</span>
        {last !== first && <span>{dayWords(last)}</span>}
      </p>
    </figure>
  );
}

function dayWords(date: string): string {
  const at_ms = Date.parse(date.slice(0, 10));
  return Number.isNaN(at_ms) ? date : day.format(at_ms - (at_ms % DAY_MS));
}
