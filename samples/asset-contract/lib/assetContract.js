"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.AssetContract = void 0;
const fabric_contract_api_1 = require("fabric-contract-api");
const asset_1 = require("./asset");
/** Assets that are created, read, handed over and removed. Errors become status 500 with their text. */
let AssetContract = class AssetContract extends fabric_contract_api_1.Contract {
    /** At instantiate and upgrade: makes the first asset if it is not there. */
    async init(ctx, owner) {
        if (!(await this.assetExists(ctx, 'asset1'))) {
            await this.put(ctx, { id: 'asset1', owner: owner ?? 'nobody', value: 100 });
        }
    }
    async createAsset(ctx, id, owner, value) {
        if (await this.assetExists(ctx, id))
            throw new Error(`the asset ${id} already exists`);
        const amount = Number(value);
        if (!Number.isSafeInteger(amount))
            throw new Error(`the value ${value} is not a whole number`);
        await this.put(ctx, { id, owner, value: amount });
    }
    async readAsset(ctx, id) {
        return JSON.stringify(await this.get(ctx, id));
    }
    async transferAsset(ctx, id, owner) {
        const asset = await this.get(ctx, id);
        await this.put(ctx, { ...asset, owner });
        ctx.stub.setEvent('transfer', Buffer.from(JSON.stringify({ id, from: asset.owner, to: owner })));
        return asset.owner;
    }
    async deleteAsset(ctx, id) {
        await this.get(ctx, id);
        await ctx.stub.deleteState(id);
    }
    async assetExists(ctx, id) {
        return (await ctx.stub.getState(id)).length > 0;
    }
    async listAssets(ctx) {
        const assets = [];
        for await (const { value } of ctx.stub.getStateByRange('', ''))
            assets.push((0, asset_1.decodeAsset)(value));
        return JSON.stringify(assets);
    }
    async get(ctx, id) {
        const bytes = await ctx.stub.getState(id);
        if (bytes.length === 0)
            throw new Error(`the asset ${id} does not exist`);
        return (0, asset_1.decodeAsset)(bytes);
    }
    async put(ctx, asset) {
        await ctx.stub.putState(asset.id, (0, asset_1.encodeAsset)(asset));
    }
};
exports.AssetContract = AssetContract;
__decorate([
    (0, fabric_contract_api_1.Transaction)(),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "init", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String, String, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "createAsset", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(false),
    (0, fabric_contract_api_1.Returns)('string'),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "readAsset", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(),
    (0, fabric_contract_api_1.Returns)('string'),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "transferAsset", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "deleteAsset", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(false),
    (0, fabric_contract_api_1.Returns)('boolean'),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context, String]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "assetExists", null);
__decorate([
    (0, fabric_contract_api_1.Transaction)(false),
    (0, fabric_contract_api_1.Returns)('string'),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [fabric_contract_api_1.Context]),
    __metadata("design:returntype", Promise)
], AssetContract.prototype, "listAssets", null);
exports.AssetContract = AssetContract = __decorate([
    (0, fabric_contract_api_1.Info)({ title: 'AssetContract', description: 'Assets with an owner and a value' })
], AssetContract);
