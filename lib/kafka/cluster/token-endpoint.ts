import { messageOf, VideoError } from '../../errors';

export interface ClientCredentials {
  /** The token endpoint of an OAuth 2 server. */
  url: string;
  clientId: string;
  clientSecret: string;
  /** Space separated. */
  scope?: string;
}

/** Ms to wait for the endpoint. */
const patience = 10_000;

/** Gets access tokens with the client's own credentials (RFC 6749, 4.4), and keeps each for most of its life. */
export class TokenEndpoint {
  readonly #credentials: ClientCredentials;
  #kept: { token: string; until: number } | undefined;

  constructor(credentials: ClientCredentials) {
    this.#credentials = credentials;
  }

  /** Rejects with LOGIN_REFUSED when the endpoint gives none, BROKER_UNREACHABLE when it does not answer. */
  async token(): Promise<string> {
    if (this.#kept !== undefined && Date.now() < this.#kept.until) return this.#kept.token;
    const { access_token: token, expires_in: seconds } = await this.#ask();
    this.#kept = { token, until: Date.now() + (seconds ?? 0) * 800 };
    return token;
  }

  async #ask(): Promise<{ access_token: string; expires_in?: number }> {
    const { url, clientId, clientSecret, scope } = this.#credentials;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`,
          accept: 'application/json',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }),
        signal: AbortSignal.timeout(patience),
      });
    } catch (error) {
      const reason = messageOf((error as Error).cause ?? error);
      throw new VideoError(
        'BROKER_UNREACHABLE',
        `The token endpoint ${url} cannot be reached: ${reason}. Check its address in the broker settings.`,
        { cause: error },
      );
    }
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok || typeof answer.access_token !== 'string') {
      const reason = [answer.error, answer.error_description].filter(Boolean).join(': ') || response.statusText;
      throw new VideoError(
        'LOGIN_REFUSED',
        `The token endpoint ${url} returned no token: ${response.status} ${reason}. Check its address, client id, secret and scope in the broker settings.`,
      );
    }
    return answer as { access_token: string; expires_in?: number };
  }
}

/** RFC 6749, 2.3.1: both are form-encoded before they are joined. */
function encode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
