/** A node's label in the workspace: its name, in italics as for the core nodes, or the given fallback. */
export function labelled<Node extends { name?: string }>(fallback: (node: Node) => string) {
  return {
    label(this: Node): string {
      return this.name || fallback(this);
    },
    labelStyle(this: Node): string {
      return this.name ? 'node_label_italic' : '';
    },
  };
}
