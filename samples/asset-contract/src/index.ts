import { AssetContract } from './assetContract';

export const contracts = [AssetContract];
