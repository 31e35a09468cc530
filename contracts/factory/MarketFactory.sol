// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Create3} from "@openzeppelin/contracts/utils/Create3.sol";
import {IMarketFactory} from "../interfaces/IMarketFactory.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {ParamChecks} from "../libraries/ParamChecks.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";

/// @title MarketFactory
/// @notice Deploys, wires and registers markets. See IMarketFactory.
contract MarketFactory is IMarketFactory, Ownable2Step {
    uint256 private constant CONTRACTS = 8;

    /// @dev Hashes of the creation code of the eight contracts, in the order of MarketSet.
    bytes32[CONTRACTS] private _codeHashes;
    /// @dev How far a market's creation has come, and with which configuration.
    mapping(bytes32 marketId => uint256) private _deployed;
    mapping(bytes32 marketId => bytes32) private _configHash;
    string[] private _symbols;

    constructor(address owner, bytes32[CONTRACTS] memory hashes) Ownable(owner) {
        _codeHashes = hashes;
    }

    /// @inheritdoc IMarketFactory
    function createMarket(
        MarketConfig calldata config,
        bytes[] calldata creationCode
    ) external onlyOwner returns (MarketSet memory set) {
        bytes32 marketId = keccak256(bytes(config.symbol));
        set = addressesOf(config.symbol);
        bytes memory args = abi.encode(config, set);
        uint256 index = _deployed[marketId];
        if (index == CONTRACTS) revert Errors.MarketExists(marketId);
        if (index == 0) {
            _check(config);
            _configHash[marketId] = keccak256(args);
        } else if (_configHash[marketId] != keccak256(args)) {
            revert Errors.MarketConfigMismatch(marketId);
        }
        for (uint256 i; i < creationCode.length; ++i) {
            bytes32 codeHash = keccak256(creationCode[i]);
            bytes32 expected = index < CONTRACTS ? _codeHashes[index] : bytes32(0);
            if (codeHash != expected) revert Errors.CreationCodeMismatch(index, expected, codeHash);
            Create3.deploy(0, _salt(marketId, index++), abi.encodePacked(creationCode[i], args));
        }
        _deployed[marketId] = index;
        if (index < CONTRACTS) return set;
        _symbols.push(config.symbol);
        emit Events.MarketCreated(
            marketId,
            config.symbol,
            config.token,
            config.oracle,
            set.market,
            set.orderBook,
            set.orderModule,
            set.marketModule,
            set.governanceModule,
            set.marginVault,
            set.liquidityVault,
            set.insuranceFund
        );
    }

    /// @inheritdoc IMarketFactory
    function addressesOf(string calldata symbol) public view returns (MarketSet memory) {
        bytes32 marketId = keccak256(bytes(symbol));
        return
            MarketSet({
                marginVault: Create3.computeAddress(_salt(marketId, 0)),
                liquidityVault: Create3.computeAddress(_salt(marketId, 1)),
                insuranceFund: Create3.computeAddress(_salt(marketId, 2)),
                market: Create3.computeAddress(_salt(marketId, 3)),
                orderBook: Create3.computeAddress(_salt(marketId, 4)),
                orderModule: Create3.computeAddress(_salt(marketId, 5)),
                marketModule: Create3.computeAddress(_salt(marketId, 6)),
                governanceModule: Create3.computeAddress(_salt(marketId, 7))
            });
    }

    /// @inheritdoc IMarketFactory
    function exists(string calldata symbol) external view returns (bool) {
        return deployedOf(symbol) == CONTRACTS;
    }

    /// @inheritdoc IMarketFactory
    function deployedOf(string calldata symbol) public view returns (uint256) {
        return _deployed[keccak256(bytes(symbol))];
    }

    /// @inheritdoc IMarketFactory
    function symbols() external view returns (string[] memory) {
        return _symbols;
    }

    /// @inheritdoc IMarketFactory
    function codeHashes() external view returns (bytes32[CONTRACTS] memory) {
        return _codeHashes;
    }

    function _check(MarketConfig calldata config) private view {
        if (
            config.token == address(0) ||
            config.oracle == address(0) ||
            config.treasury == address(0) ||
            config.authority == address(0)
        ) {
            revert Errors.ZeroAddress();
        }
        uint256 decimals = IERC20Metadata(config.token).decimals();
        if (decimals < Constants.MIN_TOKEN_DECIMALS || decimals > Constants.MAX_TOKEN_DECIMALS) {
            revert Errors.TokenDecimalsOutOfBounds(
                config.token,
                decimals,
                Constants.MIN_TOKEN_DECIMALS,
                Constants.MAX_TOKEN_DECIMALS
            );
        }
        ParamChecks.check(config.params);
        ParamChecks.check(config.orderParams);
        ParamChecks.checkRedemptionPeriod(config.redemptionPeriod);
        ParamChecks.checkPremium(config.params, IPriceOracle(config.oracle).uncertainty());
        // A market starts with a price: the oracle must answer with a fresh one.
        IPriceOracle(config.oracle).latest();
    }

    function _salt(bytes32 marketId, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(marketId, index));
    }
}
