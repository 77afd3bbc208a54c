import type { Node, NodeAPI, NodeMessage } from 'node-red';

/** Evaluates a property with a type (a TypedInput's), of which a context store may take its time to tell the value. */
export function evaluateProperty(
  RED: NodeAPI,
  node: Node,
  value: string,
  type: string,
  msg: NodeMessage,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * Runs work in the order it is asked for, each once that before has settled: so what messages ask for keeps its order, though some
 * have to be evaluated first. A failure is its own asker's; the next goes on.
 */
export function inOrder(): <Result>(work: () => Result | Promise<Result>) => Promise<Result> {
  let previous: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = previous.then(work);
    previous = result.catch(() => {});
    return result;
  };
}
