/**
 * The parts of Node-RED's editor API used by these pages, declared as globals because that is how the editor provides
 * them. `@types/node-red` covers the API of Node-RED 1 only: validators that return a reason and typed inputs with
 * autocompletion are missing.
 */

interface EditorNode {
  /** Those of a password tell only whether there is one (`has_password`); `_` is what the runtime told. */
  credentials?: Record<string, unknown> & { _?: Record<string, unknown> };
  id: string;
  type: string;
  /** The tab or subflow it is on. */
  z?: string;
  name?: string;
  /** Edited since the last deploy. */
  changed?: boolean;
  [property: string]: unknown;
  /** Looks up a text in the node's own catalog. */
  _(key: string, values?: object): string;
}

interface EditorProperty {
  value?: unknown;
  /** Type of the config node it refers to. */
  type?: string;
  required?: boolean;
  /** Shown in validation messages. */
  label?: string;
  /** Must declare both parameters to be allowed to return a reason. */
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
  /** Takes over what is in no field of its own. */
  oneditsave?(this: EditorNode): void;
  oneditcancel?(this: EditorNode): void;
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
    /** The nodes being edited, topmost dialog last. */
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
  editableList<Data>(options: {
    addItem(row: JQuery, index: number, data: Partial<Data>): void;
    removable?: boolean;
    sortable?: boolean;
    height?: number | 'auto';
    addButton?: string | boolean;
  }): this;
  editableList<Data>(method: 'addItems', items: Data[]): this;
  editableList(method: 'items'): JQuery;
  /** Provided by Dashboard. */
  elementSizer(fields: { width: string; height: string; group: string }): this;
}
