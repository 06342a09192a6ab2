import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
	method: string;
	path: string;
	headers: IncomingHttpHeaders;
	body: unknown;
}

export interface Answer {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
}

/** A server on a real port that stands where the companion would be; each test says what it answers. */
export class StandInCompanion {
	private constructor(
		private readonly server: Server,
		readonly url: string,
		readonly requests: ReceivedRequest[],
	) {}

	static async start(answer: (request: ReceivedRequest) => Answer): Promise<StandInCompanion> {
		const received: ReceivedRequest[] = [];
		const server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const text = Buffer.concat(chunks).toString('utf8');
				const seen = {
					method: request.method ?? '',
					path: request.url ?? '',
					headers: request.headers,
					body: text === '' ? undefined : (JSON.parse(text) as unknown),
				};
				received.push(seen);
				const { status, body, headers } = answer(seen);
				const type = status < 400 ? 'application/json' : 'application/problem+json';
				const isHtml = typeof body === 'string';
				response.writeHead(status, { 'Content-Type': isHtml ? 'text/html' : type, ...headers });
				response.end(isHtml ? body : JSON.stringify(body));
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		return new StandInCompanion(server, `http://127.0.0.1:${port}`, received);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
