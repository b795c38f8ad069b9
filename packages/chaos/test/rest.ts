/** What a server answered, with its body as JSON. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Body;
}

/** Speaks REST as a person with curl does: `METHOD /path` and a body. */
export class Rest {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async call<Body = Record<string, unknown>>(call: string, body?: unknown): Promise<Answer<Body>> {
    const [method = '', path = ''] = call.split(' ');
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(this.url + path, { ...init, signal: AbortSignal.timeout(60_000) });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Body };
  }

  /** The body of an answer that is no refusal. */
  async ask<Body = Record<string, unknown>>(call: string, body?: unknown): Promise<Body> {
    const { status, json } = await this.call<Body>(call, body);
    if (status >= 400) throw new Error(`${call} was refused with ${status}: ${JSON.stringify(json)}`);
    return json;
  }
}
