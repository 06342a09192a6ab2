import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

export class HandoffApi implements ICredentialType {
	name = 'handoffApi';

	displayName = 'Handoff API';

	icon: Icon = { light: 'file:../icons/handoff.svg', dark: 'file:../icons/handoff.dark.svg' };

	documentationUrl =
		'https://github.com/handoff-companion/handoff/blob/main/node_pack/README.md#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://handoff.example.com',
			description: 'Address of the Handoff companion, as n8n reaches it',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. hk_…',
			description: 'The key that "handoff key create" prints',
		},
		{
			displayName: 'Signing Secret',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. whsec_…',
			description:
				'The secret that "handoff key create" prints beside the key. With it, the node knows that an answer comes from your companion. While you change it, enter the new and the old one, separated by a space.',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.trim().replace(/\\/+$/, "") }}',
			url: '/v1/handoffs',
			qs: { limit: 1 },
		},
	};
}
