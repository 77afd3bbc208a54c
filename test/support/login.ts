import { createHash } from 'node:crypto';

/** How a server asks who its client is: RFC 7617, RFC 2617. */
export type LoginScheme = 'basic' | 'digest';

/** What a camera asks of its clients: HTTP and RTSP ask alike. */
export class LoginCheck {
  readonly #user: string;
  readonly #password: string;
  readonly #scheme: LoginScheme;
  readonly #nonce = '1234567890abcdef';

  constructor(user: string, password: string, scheme: LoginScheme) {
    this.#user = user;
    this.#password = password;
    this.#scheme = scheme;
  }

  /** The header `WWW-Authenticate`. */
  get challenge(): string {
    return this.#scheme === 'basic'
      ? 'Basic realm="camera"'
      : `Digest realm="camera", nonce="${this.#nonce}", qop="auth"`;
  }

  /** Whether the header `Authorization` of a request by `method` knows the password. */
  admits(authorization: string | undefined, method: string): boolean {
    if (authorization === undefined) return false;
    if (this.#scheme === 'basic') {
      const expected = Buffer.from(`${this.#user}:${this.#password}`).toString('base64');
      return authorization === `Basic ${expected}`;
    }
    const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`).exec(authorization)?.[1] ?? '';
    const hash = (...parts: string[]) => createHash('md5').update(parts.join(':')).digest('hex');
    const who = hash(this.#user, 'camera', this.#password);
    const what = hash(method, field('uri'));
    const middle = [this.#nonce, field('nc'), field('cnonce'), field('qop')].filter((part) => part !== '');
    return authorization.startsWith('Digest ') && field('response') === hash(who, ...middle, what);
  }
}
