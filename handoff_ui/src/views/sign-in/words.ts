/** Why a sign-in was refused, for the person who tried it. Codes that say nothing to them get the last sentence. */
const REFUSED: Record<string, string> = {
  oidc_denied: 'The sign-in was stopped before it was done. Try again.',
  oidc_email_unverified:
    'Your organisation has not confirmed your email address yet. Ask whoever looks after accounts.',
  oidc_person_unknown: 'Your organisation knows you, but Handoff does not yet. Ask whoever runs Handoff to add you.',
  oidc_no_role: 'You have no part in Handoff yet. Ask whoever runs Handoff to give you a role.',
  oidc_state_unknown: 'The sign-in took too long, or was begun in another browser. Try again.',
  oidc_unreachable: 'Your organisation’s sign-in does not answer. Try again in a moment.',
};

export function refusalWords(code: string): string {
  return (
    REFUSED[code] ??
    `Your organisation’s sign-in gave an answer that Handoff does not trust (${code}). Tell whoever runs Handoff.`
  );
}
