import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	WorkflowDataProxy,
	type IDataObject,
	type IExecuteData,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IRunExecutionData,
	type ITaskMetadata,
	type IWebhookFunctions,
	type IWorkflowDataProxyAdditionalKeys,
} from 'n8n-workflow';

import { Handoff } from '../nodes/Handoff/Handoff.node';

export const NODE_ID = 'b6d3c1e2-0000-4000-8000-000000000001';

export interface Setup {
	/** The node's own code; the Handoff node unless told. */
	type?: INodeType;
	parameters?: IDataObject;
	items: IDataObject[];
	binary?: INodeExecutionData['binary'];
	credential?: { baseUrl: string; apiKey: string; signingSecret: string };
	node?: Partial<INode>;
	runIndex?: number;
	executionId?: string;
	resumeToken?: string;
}

/** What n8n would have been asked to do. */
export interface Recorded {
	waitTill?: Date;
	metadata?: ITaskMetadata;
	customData: Record<string, string>;
	hints: string[];
	status?: number;
	headers: Record<string, string>;
	body?: unknown;
}

/**
 * One node in one execution, with n8n's own Workflow, parameters, expressions and execution data around it; only
 * the parts that belong to a running server (HTTP, waiting, credentials) are small stand-ins.
 */
export class Execution {
	readonly recorded: Recorded = { customData: {}, hints: [], headers: {} };

	readonly executeData: IExecuteData;

	private readonly workflow: Workflow;

	private readonly node: INode;

	private readonly runExecutionData: IRunExecutionData;

	private readonly items: INodeExecutionData[];

	private readonly additionalKeys: IWorkflowDataProxyAdditionalKeys;

	private readonly type: INodeType;

	constructor(private readonly setup: Setup) {
		this.type = setup.type ?? new Handoff();
		this.items = setup.items.map((json, item) => ({
			json,
			...(setup.binary === undefined ? {} : { binary: setup.binary }),
			pairedItem: { item },
		}));
		this.node = {
			id: NODE_ID,
			name: this.type.description.displayName,
			type: `n8n-nodes-handoff.${this.type.description.name}`,
			typeVersion: 1,
			position: [0, 0],
			parameters: (setup.parameters ?? {}) as INode['parameters'],
			credentials: { handoffApi: { id: '1', name: 'Handoff' } },
			...setup.node,
		};
		this.workflow = new Workflow({
			id: 'wf1',
			name: 'Summarize Email',
			nodes: [this.node],
			connections: {},
			active: false,
			nodeTypes: only(this.type),
			settings: { timezone: 'Europe/Berlin' },
		});
		this.node = this.workflow.getNode(this.node.name) as INode;
		this.executeData = {
			node: this.node,
			data: { main: [this.items] },
			source: { main: [{ previousNode: 'Before', previousNodeOutput: 0, previousNodeRun: 0 }] },
		};
		this.runExecutionData = createRunExecutionData({
			executionData: { nodeExecutionStack: [this.executeData] },
		});
		const token = setup.resumeToken ?? 'token-of-execution';
		this.additionalKeys = {
			$execution: {
				id: this.executionId,
				mode: 'production',
				resumeUrl: `http://n8n.test/webhook-waiting/${this.executionId}?signature=${token}`,
				resumeFormUrl: '',
			},
			$executionId: this.executionId,
		};
	}

	get executionId(): string {
		return this.setup.executionId ?? '4711';
	}

	/** The next pass of a loop through the node: same execution, next run index. */
	nextRun(): void {
		this.setup.runIndex = (this.setup.runIndex ?? 0) + 1;
	}

	async execute(): Promise<INodeExecutionData[][]> {
		return (await this.type.execute?.call(this.executeContext())) as INodeExecutionData[][];
	}

	/** A request to the resume URL, as n8n hands it to the node after its own check of the URL's signature. */
	async call(request: {
		method: string;
		url: string;
		headers?: Record<string, string>;
		rawBody?: Buffer;
	}): Promise<INodeExecutionData[][] | undefined> {
		const answer = await new Handoff().webhook.call(this.webhookContext(request));
		if (answer.webhookResponse !== undefined) {
			this.recorded.status = 200;
			this.recorded.body = answer.webhookResponse;
		}
		return answer.workflowData;
	}

	private evaluate(expression: string, itemIndex: number): unknown {
		return this.resolve(`=${expression}`, itemIndex);
	}

	private resolve(value: unknown, itemIndex: number): unknown {
		return this.workflow.expression.getParameterValue(
			value as string,
			this.runExecutionData,
			this.setup.runIndex ?? 0,
			itemIndex,
			this.node.name,
			this.items,
			'trigger',
			this.additionalKeys,
			this.executeData,
		);
	}

	private shared() {
		return {
			evaluateExpression: (expression: string, itemIndex = 0) =>
				this.evaluate(expression, itemIndex),
			getCredentials: async () => await Promise.resolve(this.setup.credential),
			getExecutionId: () => this.executionId,
			getNode: () => this.node,
			getTimezone: () => this.workflow.timezone,
			getWorkflow: () => ({ id: 'wf1', name: 'Summarize Email', active: false }),
			logger: { error: () => undefined },
		};
	}

	private executeContext(): IExecuteFunctions {
		const { recorded, node } = this;
		const context = {
			...this.shared(),
			addExecutionHints: (hint: { message: string }) => recorded.hints.push(hint.message),
			continueOnFail: () => node.onError !== undefined && node.onError !== 'stopWorkflow',
			customData: { set: (key: string, value: string) => (recorded.customData[key] = value) },
			getContext: () => NodeHelpers.getContext(this.runExecutionData, 'node', node),
			getExecuteData: () => this.executeData,
			getInputData: () => this.items,
			getInstanceBaseUrl: () => 'http://n8n.test/',
			getInstanceId: () => 'instance-1',
			getNodeParameter: (name: string, itemIndex: number, fallback: unknown) => {
				const value = name
					.split('.')
					.reduce<unknown>((at, key) => (at as IDataObject | undefined)?.[key], node.parameters);
				return value === undefined ? fallback : this.resolve(value, itemIndex);
			},
			getSignedResumeUrl: (parameters: Record<string, string>) =>
				`http://n8n.test/webhook-waiting/${this.executionId}/${node.id}?${new URLSearchParams(parameters).toString()}&signature=abc`,
			getWorkflowDataProxy: (itemIndex: number) =>
				new WorkflowDataProxy(
					this.workflow,
					this.runExecutionData,
					this.setup.runIndex ?? 0,
					itemIndex,
					node.name,
					this.items,
					{},
					'trigger',
					this.additionalKeys,
					this.executeData,
				).getDataProxy(),
			helpers: {
				getBinaryDataBuffer: async (itemIndex: number, name: string) =>
					await Promise.resolve(
						Buffer.from(this.items[itemIndex].binary?.[name].data ?? '', 'base64'),
					),
				httpRequestWithAuthentication: async (_: string, options: IHttpRequestOptions) =>
					await this.request(options),
			},
			putExecutionToWait: async (waitTill: Date) => {
				recorded.waitTill = waitTill;
				await Promise.resolve();
			},
			setMetadata: (metadata: ITaskMetadata) => (recorded.metadata = metadata),
		};
		return context as unknown as IExecuteFunctions;
	}

	private webhookContext({
		method,
		url,
		headers = {},
		rawBody,
	}: Parameters<Execution['call']>[0]): IWebhookFunctions {
		const { recorded } = this;
		const response = {
			status: (status: number) => Object.assign(response, { code: (recorded.status = status) }),
			set: (name: string | Record<string, string>, value?: string) => {
				Object.assign(recorded.headers, typeof name === 'string' ? { [name]: value } : name);
				return response;
			},
			json: (body: unknown) => (recorded.body = body),
			send: (body: unknown) => (recorded.body = body),
		};
		const context = {
			...this.shared(),
			getHeaderData: () => headers,
			getQueryData: () => Object.fromEntries(new URL(url).searchParams),
			getRequestObject: () => ({ method, rawBody }),
			getResponseObject: () => response,
		};
		return context as unknown as IWebhookFunctions;
	}

	private async request({ method, url, body, headers, qs }: IHttpRequestOptions): Promise<unknown> {
		const query = new URLSearchParams(qs as Record<string, string>).toString();
		const answer = await fetch(query === '' ? url : `${url}?${query}`, {
			method,
			headers: {
				...(headers as Record<string, string>),
				Authorization: `Bearer ${this.setup.credential?.apiKey}`,
				'Content-Type': 'application/json',
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await answer.text();
		const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
		return {
			statusCode: answer.status,
			headers: Object.fromEntries(answer.headers),
			body: isJson ? (JSON.parse(text) as unknown) : text,
		};
	}
}

function only(type: INodeType): INodeTypes {
	return {
		getByName: () => type,
		getByNameAndVersion: () => type,
		getKnownTypes: () => ({}),
	} as unknown as INodeTypes;
}
