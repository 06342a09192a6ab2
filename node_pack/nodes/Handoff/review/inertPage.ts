/** What a browser sees that opens the resume URL: a page without a button, a form or a script. */
export const inertPage = {
	headers: {
		'Cache-Control': 'no-store',
		'Content-Security-Policy':
			"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
		'Content-Type': 'text/html; charset=utf-8',
		'Referrer-Policy': 'no-referrer',
		'X-Content-Type-Options': 'nosniff',
	},

	html(reviewUrl: string | undefined): string {
		const link =
			reviewUrl === undefined || !/^https?:\/\//.test(reviewUrl)
				? 'Use the link that you were sent to decide.'
				: `<a href="${escaped(reviewUrl)}">Open the review page</a> to decide.`;
		return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>Waiting for a decision</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1rem; color-scheme: light dark; }
</style>
<h1>This workflow waits for a decision</h1>
<p>Nothing is decided by opening this address. ${link}</p>
</html>
`;
	},
};

function escaped(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
}
