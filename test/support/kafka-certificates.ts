import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  cert: string;
  key: string;
  /** Its file, certificate and key in one PEM: what Kafka takes as a key store. */
  file: string;
}

/** A certificate authority with a folder of its own. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;
  readonly cert: string;
  readonly file: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    const { key, cert } = this.#paths(name);
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      `/CN=${name}`,
    );
    this.file = cert;
    this.cert = readFileSync(cert, 'utf8');
  }

  /** A certificate for localhost, or for a client called `name`; `expired` was valid until yesterday. */
  issue(name: string, { expired = false } = {}): Certificate {
    const { key, cert, request, both } = this.#paths(`${this.#name}-${name}`);
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    const extensions = join(this.#folder, 'extensions.cnf');
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    const authority = this.#paths(this.#name);
    // biome-ignore format: a command line
    openssl('x509', '-req', '-in', request, '-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial',
      '-out', cert, '-extfile', extensions, '-days', expired ? '-1' : '2');
    const pem = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    writeFileSync(both, pem.key + pem.cert);
    return { ...pem, file: both };
  }

  #paths(name: string) {
    const path = (ending: string) => join(this.#folder, `${name}.${ending}`);
    return { key: path('key'), cert: path('crt'), request: path('csr'), both: path('pem') };
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
