/**
 * What these pages use of Node-RED's editor, as globals, which is how the editor offers it. `@types/node-red` describes
 * it, too, but as of Node-RED 1: validators that give a reason, and completion in typed inputs, are missing.
 */

interface EditorNode {
  id: string;
  type: string;
  /** The tab or subflow it is on. */
  z?: string;
  name?: string;
  /** Edited since it was deployed. */
  changed?: boolean;
  [property: string]: unknown;
  /** A text of the node's own catalogue. */
  _(key: string, values?: object): string;
}

interface EditorProperty {
  value?: unknown;
  /** Type of the configuration node this refers to. */
  type?: string;
  required?: boolean;
  /** Its name in the list of what is invalid. */
  label?: string;
  /** Only one with two parameters may give a reason. */
  validate?(this: EditorNode, value: unknown, options?: { label?: string }): boolean | string;
}

interface EditorNodeDefinition {
  category: string;
  color: string;
  icon: string;
  align?: 'right';
  inputs?: number;
  outputs?: number;
  defaults: Record<string, EditorProperty>;
  credentials?: Record<string, { type: 'text' | 'password' }>;
  paletteLabel?: string;
  label?(this: EditorNode): string;
  labelStyle?(this: EditorNode): string;
  inputLabels?(this: EditorNode): string;
  outputLabels?(this: EditorNode, index: number): string;
  button?: {
    visible(this: EditorNode): boolean;
    enabled(this: EditorNode): boolean;
    onclick(this: EditorNode): void;
  };
  oneditprepare?(this: EditorNode): void;
}

interface EditorTab {
  id: string;
  label: string;
}

interface EditorTabs {
  addTab(tab: EditorTab): void;
}

declare const RED: {
  _(key: string, values?: object): string;
  notify(text: string, options: 'error' | { type: 'success'; id: string; timeout: number }): void;
  editor: {
    /** The nodes whose dialogs are open, the topmost last. */
    getEditStack(): EditorNode[];
  };
  nodes: {
    registerType(type: string, definition: EditorNodeDefinition): void;
    node(id: string): EditorNode | null;
    subflow(id: string | undefined): object | undefined;
  };
  tabs: {
    create(options: { element: JQuery; onchange(tab: EditorTab): void }): EditorTabs;
  };
  validators: {
    typedInput(typeField: string): NonNullable<EditorProperty['validate']>;
  };
};

type Completion = { value: string; label: string };
type CompletionSearch = (typed: string, done: (found: Completion[]) => void) => void;

interface TypedInputType {
  value: string;
  label?: string;
  icon?: string;
  hasValue?: boolean;
  multiple?: boolean;
  options?: Completion[];
  autoComplete?: CompletionSearch;
}

interface JQuery {
  typedInput(options: { types: (string | TypedInputType)[]; default?: string; typeField?: string }): this;
  typedInput(property: 'type' | 'value'): string;
  autoComplete(options: { search: CompletionSearch }): this;
  /** Dashboard's own. */
  elementSizer(fields: { width: string; height: string; group: string }): this;
}
