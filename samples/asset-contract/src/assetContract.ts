import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';
import { decodeAsset, encodeAsset } from './asset';
import type { Asset } from './asset';

/** Assets that are created, read, handed over and removed. Errors become status 500 with their text. */
@Info({ title: 'AssetContract', description: 'Assets with an owner and a value' })
export class AssetContract extends Contract {
  /** At instantiate and upgrade: makes the first asset if it is not there. */
  @Transaction()
  public async init(ctx: Context, owner?: string): Promise<void> {
    if (!(await this.assetExists(ctx, 'asset1'))) {
      await this.put(ctx, { id: 'asset1', owner: owner ?? 'nobody', value: 100 });
    }
  }

  @Transaction()
  public async createAsset(ctx: Context, id: string, owner: string, value: string): Promise<void> {
    if (await this.assetExists(ctx, id)) throw new Error(`the asset ${id} already exists`);
    const amount = Number(value);
    if (!Number.isSafeInteger(amount)) throw new Error(`the value ${value} is not a whole number`);
    await this.put(ctx, { id, owner, value: amount });
  }

  @Transaction(false)
  @Returns('string')
  public async readAsset(ctx: Context, id: string): Promise<string> {
    return JSON.stringify(await this.get(ctx, id));
  }

  @Transaction()
  @Returns('string')
  public async transferAsset(ctx: Context, id: string, owner: string): Promise<string> {
    const asset = await this.get(ctx, id);
    await this.put(ctx, { ...asset, owner });
    ctx.stub.setEvent('transfer', Buffer.from(JSON.stringify({ id, from: asset.owner, to: owner })));
    return asset.owner;
  }

  @Transaction()
  public async deleteAsset(ctx: Context, id: string): Promise<void> {
    await this.get(ctx, id);
    await ctx.stub.deleteState(id);
  }

  @Transaction(false)
  @Returns('boolean')
  public async assetExists(ctx: Context, id: string): Promise<boolean> {
    return (await ctx.stub.getState(id)).length > 0;
  }

  @Transaction(false)
  @Returns('string')
  public async listAssets(ctx: Context): Promise<string> {
    const assets: Asset[] = [];
    for await (const { value } of ctx.stub.getStateByRange('', '')) assets.push(decodeAsset(value));
    return JSON.stringify(assets);
  }

  private async get(ctx: Context, id: string): Promise<Asset> {
    const bytes = await ctx.stub.getState(id);
    if (bytes.length === 0) throw new Error(`the asset ${id} does not exist`);
    return decodeAsset(bytes);
  }

  private async put(ctx: Context, asset: Asset): Promise<void> {
    await ctx.stub.putState(asset.id, encodeAsset(asset));
  }
}
