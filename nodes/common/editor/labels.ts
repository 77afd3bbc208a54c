/** A node's label in the workspace: its name, in italics as in Node-RED's own nodes, else what tells most about it. */
export function labelled<Node extends { name?: string }>(otherwise: (node: Node) => string) {
  return {
    label(this: Node): string {
      return this.name || otherwise(this);
    },
    labelStyle(this: Node): string {
      return this.name ? 'node_label_italic' : '';
    },
  };
}
