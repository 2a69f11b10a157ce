import type { UdeskSeed } from '../udesk/types.ts';

/** Credentials of the demo desk: worthless outside the simulator. `+` in the address is there to be encoded. */
export const DEMO_DESK = {
  email: 'ops+buyerline@juniper.example',
  apiToken: 'tok-demo-4f1c2b90-udesk',
  password: 'demo-password',
  structKey: 'key-demo-708ff6dc',
  /** Last part of the receiving URL: pushes are not signed. */
  pushSecret: 'demo-push-secret-5b1f9a',
  robotId: 54,
  sceneId: 39,
  groupId: 11,
} as const;

/** Two groups, four agents in different states, two robots. */
export const demoUdeskSeed = (): UdeskSeed => ({
  groups: [
    { id: 11, name: 'Marketplace' },
    { id: 12, name: 'Returns' },
  ],
  agents: [
    agent(486, 'Mei Chen', 'Mei', 'online', 5, [11, 12]),
    agent(487, 'Leo Adams', 'Leo', 'online', 3, [11]),
    agent(488, 'Nok Srisai', 'Nok', 'busy', 3, [11]),
    agent(489, 'Rina Putri', 'Rina', 'offline', 4, [12]),
  ],
  urobots: [
    {
      id: 54,
      name: 'Default robot',
      scenes: [
        { id: 39, name: 'Marketplace chat' },
        { id: 40, name: 'Default scene' },
      ],
    },
    { id: 55, name: 'Returns robot', scenes: [{ id: 41, name: 'Default scene' }] },
  ],
});

function agent(
  id: number,
  name: string,
  nick: string,
  status: 'online' | 'busy' | 'offline',
  maxSessions: number,
  groupIds: number[],
) {
  return {
    id,
    name,
    nick,
    avatar: '',
    status,
    customStatus: status === 'busy' ? 'In a meeting' : '',
    maxSessions,
    groupIds,
  };
}
