/** One place where the published Fabric definitions come in; everything else imports from here. */
export { common, ledger, msp, orderer, peer } from '@hyperledger/fabric-protos';
export { checkUtf8, decode, encode, ProtoError, whyUndecodable } from './decode.js';
