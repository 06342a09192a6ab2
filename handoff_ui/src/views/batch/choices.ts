/** Which cases of a batch the decision is for. */
import type { Batch } from '../../api/desk-types';
import type { Metadata } from '../../trust/package';
import type { Json } from '../../trust/strict-json';
import type { Verified } from '../../trust/token';
import type { Blocked } from '../../trust/fetch-package';
import { hiddenIn } from '../../content/hidden-in';
import { isOpen } from '../../words/standing';

export type BatchItem = Batch['items'][number];

/** The package of an item: not there yet, checked, or not to be shown. */
export type Content = Verified | Blocked | undefined;

export interface Member {
  item: BatchItem;
  content: Content;
  /** Why it stands apart from the rest; empty where it does not. */
  apart: string[];
  /** Why it cannot be decided here at all. */
  unfit: string | null;
  /** What was chosen; of a case that stands apart nothing is, until somebody says so. */
  included: boolean | null;
}

export type Choices = ReadonlyMap<string, boolean>;

/** Every case of the batch, with what speaks against deciding it together with the others. */
export function membersOf(batch: Batch, contents: ReadonlyMap<string, Content>, choices: Choices): Member[] {
  const why = new Map(batch.outliers.map((outlier) => [outlier.id, outlier.why]));
  return batch.items.map((item) => {
    const content = contents.get(item.id);
    const apart = [...(why.get(item.id) ?? []), ...hiddenWords(content)];
    const unfit = unfitWords(item, content);
    const chosen = choices.get(item.id) ?? (apart.length > 0 ? null : true);
    return { item, content, apart, unfit, included: unfit === null ? chosen : false };
  });
}

function hiddenWords(content: Content): string[] {
  if (content === undefined || 'why' in content) return [];
  const { request, model_output } = content.package;
  const metadata: Metadata & { response_form?: Json } = content.package.metadata;
  const { hidden, gaps } = hiddenIn([request, model_output, metadata.response_form ?? null]);
  return hidden + gaps > 0 ? ['It has hidden or disguised text, marked in place.'] : [];
}

function unfitWords(item: BatchItem, content: Content): string | null {
  if (item.result === null && !isOpen(item)) return 'It was closed meanwhile.';
  if (content === undefined) return null;
  if ('why' in content) {
    return content.why === 'unverified'
      ? 'It failed its check, so nothing of it is shown. Tell whoever runs Handoff.'
      : 'It cannot be had right now.';
  }
  if (item.result === null && item.package_digest !== content.packageDigest)
    return 'It changed while you were reading.';
  const isLong = content.package.large_values.some(({ path }) => path.startsWith('/model_output'));
  return isLong ? 'Its output is too long to be read here.' : null;
}

/** The question that all of them ask: where there is one, titles tell the cases apart. */
export function sharedQuestion({ items }: Batch): string | null {
  const questions = new Set(items.map(({ question }) => question));
  return questions.size === 1 && items.length > 1 ? (items[0]?.question ?? null) : null;
}

/** Why nothing can be decided yet; null when the included cases can be. */
export function whyNotDecide(members: Member[]): string | null {
  const many = (count: number, one: string, more: string): string => (count === 1 ? one : `${count} ${more}`);
  const open = members.filter(({ unfit }) => unfit === null);
  const undecided = open.filter(({ included }) => included === null).length;
  const loading = open.filter(({ included, content }) => included === true && content === undefined).length;
  if (undecided > 0) {
    return `Say first whether ${many(undecided, 'the case that stands apart is', 'cases that stand apart are')} included.`;
  }
  if (loading > 0) return `${many(loading, 'One case is', 'cases are')} still being checked.`;
  return open.some(({ included }) => included) ? null : 'No case is included.';
}
