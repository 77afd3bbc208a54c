import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { root } from '../../demo/user-dir';

/**
 * A host by which a browser that was opened with its name reaches this machine: a page from there is not in a secure context, as
 * those of this machine's own names are.
 */
export const insecureHost = 'cam.lan';
export const withInsecureHost = [`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`];

/**
 * Starts a headless Chromium: `CHROMIUM_PATH`, else an installed one, else the one that comes as an npm package. With these
 * arguments besides its own.
 */
export async function openBrowser(more: string[] = []): Promise<Browser> {
  const installed = process.env.FORCE_NPM_CHROMIUM ? undefined : findInstalled();
  const { executablePath, env } = installed === undefined ? npmChromium() : { executablePath: installed, env: {} };
  return chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Pages behind others are throttled like hidden ones; tests look at several at once.
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      ...more,
    ],
  });
}

const wellKnown = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function findInstalled(): string | undefined {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH === undefined) return wellKnown.find((path) => existsSync(path));
  if (!existsSync(CHROMIUM_PATH)) throw new Error(`CHROMIUM_PATH is ${CHROMIUM_PATH}, but there is no such file`);
  return CHROMIUM_PATH;
}

/**
 * @sparticuz/chromium holds a Chromium, its fonts, and the system libraries a bare Linux lacks, as compressed files.
 * Its own unpacking leaves the libraries out outside AWS, and knows one place for all versions and processes (/tmp),
 * where its fonts.conf looks for the fonts, too: without any, pages have no text and some crash.
 */
function npmChromium(): { executablePath: string; env: Record<string, string> } {
  const home = join(root, 'node_modules', '@sparticuz', 'chromium');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  const folder = join(root, '.cache', `chromium-${version}`);
  if (!existsSync(folder)) unpack(join(home, 'bin'), folder);
  const fonts = join(folder, 'fonts');
  const directories = [join(fonts, 'fonts'), '/usr/share/fonts'].map((directory) => `<dir>${directory}</dir>`);
  const cache = `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`;
  writeFileSync(join(fonts, 'fonts.conf'), `<fontconfig>${directories.join('')}${cache}</fontconfig>`);
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, join(folder, 'lib')].filter(Boolean).join(':'),
      FONTCONFIG_PATH: process.env.FONTCONFIG_PATH ?? fonts,
    },
  };
}

function unpack(packed: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  const read = (name: string) => brotliDecompressSync(readFileSync(join(packed, name)));
  writeFileSync(join(unfinished, 'chromium'), read('chromium.br'), { mode: 0o755 });
  for (const [name, target] of [
    ['fonts.tar.br', 'fonts'],
    ['swiftshader.tar.br', '.'],
    ['al2023.tar.br', '.'],
  ]) {
    mkdirSync(join(unfinished, target), { recursive: true });
    execFileSync('tar', ['-x', '-C', join(unfinished, target)], { input: read(name) });
  }
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was faster; any other reason is a real one.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
