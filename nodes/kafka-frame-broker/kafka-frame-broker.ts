import type { Node, NodeAPI, NodeDef } from 'node-red';
import { messageOf } from '../../lib/errors';
import { describeCluster, listTopics } from '../../lib/kafka/cluster/cluster-description';
import { type BrokerCredentials, type BrokerNode, type BrokerSettings, openCluster } from './broker';

/** What the dialog sends for a test: its present values, deployed or not. */
type TestRequest = { id?: string; credentials?: BrokerCredentials } & BrokerSettings;

/** What the editor shows, and so sends, in place of a password it never gets. */
const hiddenPassword = '__PWRD__';

export = (RED: NodeAPI) => {
  function KafkaFrameBroker(this: Node, config: BrokerSettings & NodeDef) {
    RED.nodes.createNode(this, config);
    (this as BrokerNode).settings = config;
  }
  RED.nodes.registerType('kafka-frame-broker', KafkaFrameBroker, {
    credentials: {
      username: { type: 'text' },
      password: { type: 'password' },
      token: { type: 'password' },
    },
  });

  RED.httpAdmin.post(
    '/kafka-frame-broker/test',
    RED.auth.needsPermission('flows.write'),
    async (request: { body: TestRequest }, response: { json(body: unknown): void }) => {
      try {
        const { id, credentials = {}, ...settings } = request.body;
        const deployed = (id && (RED.nodes.getNode(id) as BrokerNode | null)) || undefined;
        const cluster = openCluster(
          RED,
          withEnvironment(settings, deployed),
          withEnvironment(withDeployed(credentials, deployed?.credentials), deployed),
        );
        response.json({ ok: true, ...(await describeCluster(cluster)) });
      } catch (error) {
        response.json({ ok: false, reason: messageOf(error) });
      }
    },
  );

  // For the dialogs of the nodes that use the broker: what their topic field may be.
  RED.httpAdmin.get(
    '/kafka-frame-broker/:id/topics',
    RED.auth.needsPermission('flows.read'),
    async (request: { params: { id: string } }, response: { json(body: unknown): void }) => {
      try {
        const { settings, credentials } = (RED.nodes.getNode(request.params.id) as BrokerNode | null) ?? {};
        response.json({ topics: settings ? await listTopics(openCluster(RED, settings, credentials ?? {})) : [] });
      } catch (error) {
        response.json({ topics: [], reason: messageOf(error) });
      }
    },
  );

  /** `${NAME}` in a field is the environment variable's value, as when deployed. */
  function withEnvironment<T extends object>(fields: T, node: BrokerNode | undefined): T {
    const evaluate = (value: string) =>
      RED.util.evaluateNodeProperty(value, 'env', node as never, {} as never) as string;
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === 'string' && value.includes('${') ? evaluate(value) : value,
      ]),
    ) as T;
  }
};

/** Passwords the user did not touch are the deployed ones. */
function withDeployed(entered: BrokerCredentials, deployed: BrokerCredentials = {}): BrokerCredentials {
  const pick = (name: keyof BrokerCredentials) => (entered[name] === hiddenPassword ? deployed[name] : entered[name]);
  return { username: pick('username'), password: pick('password'), token: pick('token') };
}
