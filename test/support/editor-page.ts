import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

export interface EditorDefinition {
  defaults: Record<
    string,
    { value?: unknown; validate?: (this: object, value: unknown, options?: { label?: string }) => boolean | string }
  >;
  icon: string;
}

export interface EditorPage {
  /** The folder the node was built into. */
  folder: string;
  html: string;
  definition?: EditorDefinition;
  /** A text of the node's own catalogue, by its key. */
  textOf(key: string): unknown;
  /** Texts that were asked for and are in no catalogue. */
  missing: string[];
  /** The names the page's script could see, and those it has made. */
  globals(): { page: string[]; red: string[] };
}

/** Runs the script of a node's page, as it was built, in as much of an editor as it needs to register its type. */
export function loadEditorPage(type: string, name = type): EditorPage {
  const folder = join(__dirname, '..', '..', 'nodes', name);
  const html = readFileSync(join(folder, `${name}.html`), 'utf8');
  const catalogue = JSON.parse(readFileSync(join(folder, 'locales', 'en-US', `${name}.json`), 'utf8'));
  const textOf = (key: string) => key.split('.').reduce((node, part) => node?.[part], catalogue);
  const missing: string[] = [];
  let definition: EditorDefinition | undefined;
  const editor = {
    RED: {
      _(key: string) {
        const [, own] = /^@kafka-video\/[^:]+:(.+)$/.exec(key) ?? [];
        if (own !== undefined && typeof textOf(own) !== 'string') missing.push(own);
        return `text of ${key}`;
      },
      nodes: {
        node: () => null,
        registerType(registered: string, given: EditorDefinition) {
          if (registered === type) definition = given;
        },
      },
      editor: { getEditStack: () => [] },
      validators: { typedInput: () => () => true },
    },
    $: () => ({ val: () => undefined, toggleClass: () => undefined }),
  };
  const context = createContext(editor);
  for (const [, script] of html.matchAll(/<script type="text\/javascript">([\s\S]*?)<\/script>/g)) {
    runInContext(script as string, context);
  }
  return {
    ...{ folder, html, definition, textOf, missing },
    globals: () => ({ page: Object.keys(context), red: Object.keys(editor.RED) }),
  };
}
