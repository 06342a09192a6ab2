import {
	NodeConnectionTypes,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { asNodeError } from './errors';
import { failedItem } from './failedItem';
import * as confirmExecution from './operations/confirmExecution';
import * as get from './operations/get';
import * as getMany from './operations/getMany';
import * as send from './operations/send';
import * as sendAndWait from './operations/sendAndWait';
import * as withdraw from './operations/withdraw';
import { operationFields } from './panel/operation';
import { outputsExpression, resumeWebhooks, waitingTooltip } from './panel/waiting';
import { resume } from './review/resume';
import { unreviewed } from './review/unreviewed';
import { CREDENTIAL } from './transport';

/** The operations that treat each item by itself. */
const perItem = { send, get, getMany, withdraw };

export class Handoff implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Handoff',
		name: 'handoff',
		icon: { light: 'file:../../icons/handoff.svg', dark: 'file:../../icons/handoff.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { sendAndWait: "Ask and wait", send: "Ask", confirmExecution: "Confirm", get: "Get", getMany: "Get many", withdraw: "Withdraw" }[$parameter.operation] }}',
		description: "Asks a person to approve, correct or reject a model's output",
		defaults: { name: 'Handoff' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression,
		credentials: [{ name: CREDENTIAL, required: true }],
		webhooks: resumeWebhooks,
		waitingNodeTooltip: waitingTooltip,
		properties: [
			...operationFields,
			...sendAndWait.description,
			...send.description,
			...confirmExecution.description,
			...get.description,
			...getMany.description,
			...withdraw.description,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0, 'sendAndWait') as string;
		if (operation === 'sendAndWait') {
			try {
				return await sendAndWait.execute(this);
			} catch (error) {
				return unreviewed(this, asNodeError(this.getNode(), error));
			}
		}
		if (operation === 'confirmExecution') return await confirmExecution.execute(this);
		const run = perItem[operation as keyof typeof perItem];
		if (run === undefined) {
			throw new NodeOperationError(this.getNode(), `The operation "${operation}" does not exist`);
		}
		const results: INodeExecutionData[] = [];
		for (const index of this.getInputData().keys()) {
			try {
				results.push(...(await run.execute(this, index)));
			} catch (error) {
				const failure = asNodeError(this.getNode(), error, index);
				if (!this.continueOnFail()) throw failure;
				results.push(failedItem(this, index, failure));
			}
		}
		return [results];
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resume(this);
	}
}
