import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { fieldsOf, isShort, type Field, type Part } from '../../../content/display';
import { isNamedBy, showsFile } from '../../../content/files';
import { hiddenIn } from '../../../content/hidden-in';
import { count } from '../../../content/reading';
import { isWithin, parsePointer, valueAt } from '../../../content/pointer';
import { Alarm } from '../../../parts/alarm';
import { Button } from '../../../parts/button';
import { File } from '../../../parts/later-files';
import { Seen } from '../../../parts/quote';
import { later } from '../../../parts/later';
import { Value } from '../../../parts/value';
import type { ContextPackage } from '../../../trust/package';
import type { Json } from '../../../trust/strict-json';
import { bytesWords, workflowName } from '../../../words/item';
import { dateWords, parseTime } from '../../../words/time';
import { Editor } from './later-editor';
import type { Draft } from './use-draft';
import type { Item } from './use-large-values';

const Disclosure = later(() => import('./disclosure').then(({ Disclosure: found }) => found));

interface PaneProps {
  content: ContextPackage;
  item: Item;
  draft: Draft;
  /** Shows everything, after a reason was given; null where there is nothing more, or it is not this person's to see. */
  disclose: ((token: string) => Promise<void>) | null;
  /** Who edited the output that is shown, once it was approved in an edited version. */
  editedBy: string | null;
  /** The review of a pause: nothing in it is a model's. */
  ofPause: boolean;
}

/** Left: what came in, and beside it what the model said. */
export function ContentPane({ content, item, draft, disclose, editedBy, ofPause }: PaneProps): JSX.Element {
  const named = content.metadata.display
    .filter(showsFile)
    .map(({ path }) => valueAt({ request: item.request, model_output: item.model_output }, parsePointer(path)));
  // A file that a field names is shown there, not twice.
  const unnamed = content.attachments.filter((file) => !named.some((value) => isNamedBy(file, value)));
  return (
    <section class="pane pane--content" aria-label="What came in and what the model said">
      {(content.redacted ?? []).length > 0 && <Withheld content={content} disclose={disclose} />}
      <div class="sides">
        <Side
          title={ofPause ? 'What stands still, and why' : 'What came in'}
          part="request"
          value={item.request}
          content={content}
          item={item}
          by={
            ofPause ? undefined : (
              <>
                What the model was given, by “<Seen text={workflowName(content.metadata)} />”
              </>
            )
          }
          end={ofPause ? 'this' : 'what came in'}
        >
          {unnamed.length > 0 && (
            <div class="attachments">
              <h3>Attached</h3>
              {unnamed.map((attachment) => (
                <File key={attachment.sha256} attachment={attachment} />
              ))}
            </div>
          )}
        </Side>
        {!ofPause && (
          <Side
            title={editedBy === null ? 'What the model suggests' : 'The approved version'}
            part="model_output"
            value={draft.value ?? item.model_output}
            content={content}
            item={item}
            draft={draft}
            by={editedBy === null ? <Suggested content={content} /> : <>edited by {editedBy}</>}
            end={editedBy === null ? 'what the model said' : 'the approved version'}
          />
        )}
      </div>
    </section>
  );
}

/** What this person does not see, by name, and the way to it for who may look (R-UI-23). */
function Withheld({ content, disclose }: Pick<PaneProps, 'content' | 'disclose'>): JSX.Element {
  const labels = [...new Set((content.redacted ?? []).map(({ label }) => label))];
  return (
    <div class="withheld">
      <p>
        <b>Hidden from you:</b> {labels.join(', ')}. It goes on all the same; where a text says “[redacted 1]”, leave
        that as it is.
      </p>
      {disclose !== null && <Disclosure handoffId={content.handoff_id} onToken={disclose} />}
    </div>
  );
}

/** A suggestion of a model, with its provenance: never a bare assertion (R-CTX-19). */
function Suggested({ content }: { content: ContextPackage }): JSX.Element {
  const { name, version, retrained_at } = content.metadata.model;
  const retrained_ms = parseTime(retrained_at);
  return (
    <>
      Suggestion of {name === null ? 'a model that was not named' : <Seen text={name} />}
      {version !== null && (
        <>
          , version <Seen text={version} />
        </>
      )}
      {retrained_ms === null ? ', training date unknown' : `, retrained on ${dateWords(retrained_ms)}`}
    </>
  );
}

interface SideProps {
  title: string;
  part: Part;
  value: Json;
  content: ContextPackage;
  item: Item;
  draft?: Draft;
  by?: JSX.Element | undefined;
  /** What ends with it, so that nobody takes a part for the whole. */
  end: string;
  children?: preact.ComponentChildren;
}

function Side({ title, part, value, content, item, draft, by, end, children }: SideProps): JSX.Element {
  const large = new Set(content.large_values.map(({ path }) => path));
  const { shown, others } = fieldsOf(part, value, content.metadata.display, large);
  const { hidden, gaps } = useMemo(() => hiddenIn(value), [value]);
  const show = (field: Field): JSX.Element => <FieldView key={field.pointer} field={field} item={item} draft={draft} />;
  return (
    <article class="side" data-part={part}>
      <header class="side__head">
        <h2>{title}</h2>
        {by !== undefined && <p class="side__by">{by}</p>}
      </header>
      <div class="side__body" role="region" aria-label={title} tabIndex={0}>
        {hidden + gaps > 0 && (
          <p class="side__warning">
            <strong>Look closely.</strong> This text has {hidden > 0 && count(hidden, 'hidden or disguised character')}
            {hidden > 0 && gaps > 0 && ' and '}
            {gaps > 0 && count(gaps, 'long empty stretch').replace('stretchs', 'stretches')}, marked in place.
          </p>
        )}
        {part === 'model_output' && isBlank(value) && !large.has('/model_output') && (
          <p class="side__warning">
            <strong>The output is empty.</strong> The workflow sent nothing here, so there is nothing to go on with.
          </p>
        )}
        {part === 'request' && isBlank(value) && !large.has('/request') && (
          <p class="side__warning">
            <strong>The workflow sent nothing here.</strong> There is nothing to judge the answer by.
          </p>
        )}
        {shown.length === 0 && <p class="nothing">Empty</p>}
        {shown.map(show)}
        {others.length > 0 && (
          <details class="others" open={draft?.isOpen}>
            <summary>{count(others.length, 'more field')}, not named for display</summary>
            {others.map(show)}
          </details>
        )}
        {children}
        <p class="side__end">End of {end}</p>
      </div>
    </article>
  );
}

/** Nothing at all, or nothing but blanks: an approval of that must not look like a page that is still loading. */
function isBlank(value: Json): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function FieldView({ field, item, draft }: { field: Field; item: Item; draft: Draft | undefined }): JSX.Element {
  const { label, pointer, value, kind } = field;
  const missing = [...item.missing.values()].find(
    ({ large }) => isWithin(pointer, large.path) || isWithin(large.path, pointer),
  );
  if (draft?.isOpen && value !== undefined) {
    return <Editor label={label} pointer={pointer} value={value} editing={draft.editing} />;
  }
  return (
    <div class="shown" data-short={label !== '' && missing === undefined && isShort(field)}>
      {label !== '' && (
        <h3 class="shown__label">
          <Seen text={label} />
        </h3>
      )}
      {missing === undefined ? (
        <Value value={value} kind={kind} pointer={pointer} />
      ) : (
        <Missing {...missing} again={item.again} />
      )}
    </div>
  );
}

function Missing({
  large,
  status,
  again,
}: {
  large: { size_bytes: number };
  status: string;
  again: () => void;
}): JSX.Element {
  if (status === 'mismatch') return <Alarm title="This part is not what was signed" />;
  if (status === 'waiting') {
    return (
      <p class="nothing nothing--tall" role="status">
        Loading {bytesWords(large.size_bytes)}…
      </p>
    );
  }
  return (
    <p class="nothing">
      This part could not be loaded. <Button onPress={again}>Try again</Button>
    </p>
  );
}
