/**
 * Of a node with none stored, the runtime tells no credentials at all, not even that they are blank: the editor then takes blank
 * fields for a change (getNodeCredentials in @node-red/runtime's api/flows.js, updateNodeCredentials in the editor's editor.js).
 * `texts` and `passwords` are their names.
 */
export function noteBlankCredentials(
  node: EditorNode,
  { texts, passwords }: Record<'texts' | 'passwords', string[]>,
): void {
  const told = node.credentials?._;
  if (told === undefined || passwords.some((name) => `has_${name}` in told)) return;
  const blank = Object.fromEntries([
    ...texts.map((name) => [name, '']),
    ...passwords.map((name) => [`has_${name}`, false]),
  ]);
  node.credentials = { ...blank, ...node.credentials, _: { ...blank, ...told } };
}
