/** What saving will do, said before it is pressed (X-16, R-ROLE-13, R-GOV-16). The companion decides it again. */
import type { JsonObject, Policy, Report, RiskTier, Setting, SettingValue } from '../../api/policy-types';
import { count, spelled } from '../../content/reading';
import { sameJson } from '../../trust/canonical';
import { baseDocument, differing, isChanged, withPath, type Draft } from './draft';
import { valueWords } from './setting-words';

export interface Verdict {
  /** `open`: more than numbers differ, and only the companion can weigh that. */
  status: 'nothing' | 'active' | 'proposed' | 'open';
  /** In a few words, where there is little room. */
  brief: string;
  /** One sentence, as it stands beside the button. */
  sentence: string;
  reasons: string[];
}

const NOTHING: Verdict = {
  status: 'nothing',
  brief: 'Nothing is changed yet.',
  sentence: 'Nothing is changed yet.',
  reasons: [],
};

/** What was approved beforehand stands in what cannot be read. */
const UNREADABLE = 'What this changes is not known: the present rules cannot be read';

/** More than that nobody reads beside a button; the form lists every change. */
const MOST_REASONS = 2;

const OPEN: Verdict = {
  status: 'open',
  brief: 'Handoff decides as you save.',
  sentence:
    'More than numbers differ. As you save, Handoff makes it active if nothing of it watches less, and else sends it to governance.',
  reasons: [],
};

/**
 * The companion's own verdict where the simulation brought one; else what follows from bounds and risk. `signer` is the
 * name of the one person who signs it off, where there is only one.
 */
export function verdictOf(policy: Policy, draft: Draft, report: Report | null, signer: string | null = null): Verdict {
  const changes = differing(policy, draft);
  if (!isChanged(draft)) return NOTHING;
  if (!policy.readable) return inWords('proposed', [UNREADABLE], signer);
  if (report?.verdict) return inWords(report.verdict.status, report.verdict.reasons, signer);
  const reasons = changes.flatMap(({ setting, before, after }) => whyWaits(setting, before, after, tierOf(policy)));
  const more = (report?.wrongly_approved ?? 0) - (report?.wrongly_approved_before ?? report?.wrongly_approved ?? 0);
  if (more > 0) reasons.push(`${count(more, 'more case')} would have gone through that a person found wrong`);
  if (reasons.length === 0 && !onlyNumbersDiffer(policy, draft)) return OPEN;
  return inWords(reasons.length === 0 ? 'active' : 'proposed', [...new Set(reasons)], signer);
}

/** Whether all that differs from the saved document are numbers and choices that stand on the page. */
function onlyNumbersDiffer(policy: Policy, draft: Draft): boolean {
  if (draft.opened === null) return true;
  const levelled = (document: JsonObject): JsonObject =>
    policy.settings.reduce((made, { path }) => withPath(made, path, null), document);
  return sameJson(levelled(draft.opened), levelled(baseDocument(policy)));
}

function inWords(status: 'active' | 'proposed', reasons: string[], signer: string | null): Verdict {
  if (status === 'active')
    return { status, brief: 'Active now.', sentence: 'Active now, as soon as you save.', reasons };
  const said = reasons.map((reason) =>
    reason.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (first) => first.toLowerCase()),
  );
  const more = said.length - MOST_REASONS;
  const told = more > 1 ? [...said.slice(0, MOST_REASONS), `for ${more} more reasons`] : said;
  const because = told.length === 0 ? '' : `, because ${told.join('; and ')}`;
  const brief = `Waits for ${signer === null ? 'governance' : spelled(signer)}.`;
  return { status, brief, sentence: `Waits for ${signerWords(signer)}${because}.`, reasons };
}

/** By name where one person alone can sign it off, and by the role in any case. */
export function signerWords(signer: string | null): string {
  return signer === null ? 'governance' : `${spelled(signer)} (governance)`;
}

function whyWaits(setting: Setting, before: SettingValue, after: SettingValue, tier: RiskTier): string[] {
  const reasons = [];
  if (typeof after === 'number' || setting.kind !== 'choice') {
    if (isOutside(setting, after)) reasons.push(outsideWords(setting, after));
  } else if (loosens(setting, before, after)) reasons.push(`“${setting.label}” watches less then`);
  if ((tier === 'high' || tier === 'critical') && loosens(setting, before, after)) {
    reasons.push(`it loosens a ${tier}-risk workflow`);
  }
  return reasons;
}

export function isOutside({ bounds }: Pick<Setting, 'bounds'>, value: SettingValue): boolean {
  return bounds === null || typeof value !== 'number' || value < bounds.min || value > bounds.max;
}

export function outsideWords(setting: Setting, value: SettingValue): string {
  if (setting.bounds === null) return `nothing was approved beforehand for “${setting.label}”`;
  const [min, max] = [setting.bounds.min, setting.bounds.max].map((bound) => valueWords(setting, bound));
  return `${valueWords(setting, value)} is outside of the ${min} to ${max} that governance approved`;
}

/** Which numbers watch less when they go down; the others watch less when they go up. */
const LOOSER_WHEN_LOWER = /confidence|^sampling\.(?!due_)/;
/** Choices from the one that watches least on. */
const STRICTER: Record<string, SettingValue[]> = { high_risk_variant: ['synchronous', 'escalate'] };

export function loosens(setting: Pick<Setting, 'path' | 'kind'>, before: SettingValue, after: SettingValue): boolean {
  const order = STRICTER[setting.path];
  if (order !== undefined) return order.indexOf(after) < order.indexOf(before);
  if (typeof before !== 'number' || typeof after !== 'number') return before !== after;
  return LOOSER_WHEN_LOWER.test(setting.path) ? after < before : after > before;
}

export function tierOf(policy: Policy): RiskTier {
  const tier = policy.effective.risk_tier;
  return tier === 'low' || tier === 'high' || tier === 'critical' ? tier : 'medium';
}
