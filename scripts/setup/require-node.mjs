const FLOOR = [20, 19];

/** Ends the process with a clear sentence where Node is too old for Sealgate. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return;
  console.error(
    `Sealgate needs Node ${FLOOR.join('.')} or newer, and this is Node ${process.versions.node}. Install a current Node and start again.`,
  );
  process.exit(1);
}
