import { NodeConnectionTypes, type IWebhookDescription } from 'n8n-workflow';

import { outputs as confirmOutputs } from '../operations/confirmExecution';
import { OUTPUT_NAMES } from '../review/outputs';

const waitingOutputs = OUTPUT_NAMES.map((displayName) => ({
	displayName,
	type: NodeConnectionTypes.Main,
}));

const outputsByOperation = JSON.stringify({
	sendAndWait: waitingOutputs,
	confirmExecution: confirmOutputs,
});

/** Three named outputs where the node waits for an answer, two where it confirms one, else one. */
export const outputsExpression =
	`={{ (${outputsByOperation})[$parameter.operation] ?? ['${NodeConnectionTypes.Main}'] }}` as const;

/** The resume URL of a waiting execution. GET is listed so that a browser gets an answer; it never decides. */
export const resumeWebhooks: IWebhookDescription[] = (['GET', 'POST'] as const).map(
	(httpMethod) => ({
		name: 'default',
		httpMethod,
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $nodeId }}',
		restartWebhook: true,
		isFullPath: true,
	}),
);

/**
 * Shown in the editor while the node waits. `$execution.resumeUrl` is the review link that `execute` put into the
 * run's metadata; where n8n gives another URL instead, no link is shown, because opening that one leads nowhere.
 */
export const waitingTooltip = `={{ $parameter.operation === 'sendAndWait' ? 'Waiting for a person to decide.' + ($execution.resumeUrl.includes('#/') ? ' <a href="' + $execution.resumeUrl + '" target="_blank">Open the review page</a>' : '') : '' }}`;
