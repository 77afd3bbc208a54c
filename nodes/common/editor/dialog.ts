import { topicSearch } from './completion';

const textTypes = ['str', 'msg', 'flow', 'global', 'env'];

/** The fields of an open edit dialog. `prefix` is what Node-RED puts before a property's name in their ids. */
export class Dialog {
  readonly #prefix: string;

  constructor(prefix: 'node-input' | 'node-config-input' = 'node-input') {
    this.#prefix = prefix;
  }

  field(name: string): JQuery {
    return $(`#${this.#prefix}-${name}`);
  }

  value(name: string): string {
    return String(this.field(name).val() ?? '');
  }

  isChecked(name: string): boolean {
    return this.field(name).prop('checked') === true;
  }

  /** Calls `update` now and whenever one of the fields changes. */
  follow(names: string[], update: () => void): void {
    for (const name of names) this.field(name).on('change input', update);
    update();
  }

  /** Shows the rows only while the fields say so. */
  showWhen(rows: string, names: string[], isShown: () => boolean): void {
    this.follow(names, () => $(rows).toggle(isShown()));
  }

  /** A text, or where to find one: in the message, a context or the environment. `text` refines the first choice. */
  typedInput(name: string, text: Partial<TypedInputType> = {}): void {
    const [, ...others] = textTypes;
    const first = { value: 'str', icon: 'red/images/typedInput/az.svg', ...text };
    this.field(name).typedInput({
      default: 'str',
      types: [text.label === undefined ? 'str' : first, ...others],
      typeField: `#${this.#prefix}-${name}Type`,
    });
  }

  /** Completes topics of the broker that is chosen in this dialog, as it is deployed. */
  topicSearch(): CompletionSearch {
    return topicSearch(
      () => this.value('broker'),
      async (id) => {
        const { topics } = await $.getJSON(`kafka-frame-broker/${encodeURIComponent(id)}/topics`);
        return topics;
      },
    );
  }
}

/** Another property of a node that is validated: as its open dialog has it, else as it is saved. */
export function currentValue(node: EditorNode, name: string): unknown {
  const isOpen = RED.editor.getEditStack().some(({ id }) => id === node.id);
  const entered = isOpen ? new Dialog().field(name).val() : undefined;
  return entered ?? node[name];
}
