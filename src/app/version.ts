/** The version of this program. */
export const programVersion = '0.1.0';

/**
 * The Fabric release whose peer this program behaves as. It is the version of the system chaincodes, and so part of
 * what an endorser signs: peers that endorse together must show the same one.
 */
export const fabricVersion = '1.4.12';

/** The release of Fabric's base images that belongs to it. */
export const fabricBaseVersion = '0.4.22';
