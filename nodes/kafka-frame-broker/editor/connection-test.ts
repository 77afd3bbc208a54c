import type { Dialog } from '../../common/editor/dialog';

/** The runtime's response to a connection test. */
type Answer =
  | { ok: true; clusterId: string; version?: string; brokers: string[]; topics: number }
  | { ok: false; reason: string };

/** Makes the Test connection button try the settings in the dialog, deployed or not. */
export function prepareTest(node: EditorNode, dialog: Dialog): void {
  const result = $('#kafka-frame-broker-result');
  const say = (text: string) => result.removeClass('form-warning').text(text);
  const warn = (text: string) => result.addClass('form-warning').text(text);
  const text = (key: string, values?: object) => node._(`kafka-frame-broker.test.${key}`, values);

  $('#kafka-frame-broker-test').on('click', async (event) => {
    event.preventDefault();
    say(text('running'));
    try {
      const answer = await ask(node, dialog);
      if (answer.ok) say(describe(answer, text));
      else warn(answer.reason);
    } catch (error) {
      warn(text((error as JQuery.jqXHR).status === 401 ? 'forbidden' : 'failed'));
    }
  });
}

function ask(node: EditorNode, dialog: Dialog): JQuery.jqXHR<Answer> {
  const valuesOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, dialog.value(name)]));
  const names = ['brokers', 'clientId', 'saslMechanism', 'tokenUrl', 'scope', 'connectionTimeout', 'requestTimeout'];
  const tls = dialog.value('tls');
  return $.ajax({
    url: 'kafka-frame-broker/test',
    method: 'POST',
    contentType: 'application/json',
    data: JSON.stringify({
      id: node.id,
      ...valuesOf(names),
      tls: tls === '_ADD_' ? '' : tls,
      credentials: valuesOf(['username', 'password', 'token']),
    }),
  });
}

function describe(
  { clusterId, version, brokers, topics }: Extract<Answer, { ok: true }>,
  text: (key: string, values: object) => string,
): string {
  const values = { clusterId, version, brokers: brokers.join(', '), topics };
  return text(version ? 'connectedVersion' : 'connected', values);
}
