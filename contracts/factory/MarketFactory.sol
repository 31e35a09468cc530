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
    /// @dev Hashes of the creation code of the five contracts, in the order of MarketSet.
    bytes32[5] private _codeHashes;
    mapping(bytes32 marketId => bool) private _exists;
    string[] private _symbols;

    constructor(address owner, bytes32[5] memory hashes) Ownable(owner) {
        _codeHashes = hashes;
    }

    /// @inheritdoc IMarketFactory
    function createMarket(
        MarketConfig calldata config,
        bytes[5] calldata creationCode
    ) external onlyOwner returns (MarketSet memory set) {
        bytes32 marketId = keccak256(bytes(config.symbol));
        if (_exists[marketId]) revert Errors.MarketExists(marketId);
        _check(config);
        _exists[marketId] = true;
        _symbols.push(config.symbol);

        set = addressesOf(config.symbol);
        bytes memory args = abi.encode(config, set);
        for (uint256 i; i < 5; ++i) {
            bytes32 codeHash = keccak256(creationCode[i]);
            if (codeHash != _codeHashes[i]) revert Errors.CreationCodeMismatch(i, _codeHashes[i], codeHash);
            Create3.deploy(0, _salt(marketId, i), abi.encodePacked(creationCode[i], args));
        }
        emit Events.MarketCreated(
            marketId,
            config.symbol,
            config.token,
            config.oracle,
            set.market,
            set.orderBook,
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
                orderBook: Create3.computeAddress(_salt(marketId, 4))
            });
    }

    /// @inheritdoc IMarketFactory
    function exists(string calldata symbol) external view returns (bool) {
        return _exists[keccak256(bytes(symbol))];
    }

    /// @inheritdoc IMarketFactory
    function symbols() external view returns (string[] memory) {
        return _symbols;
    }

    /// @inheritdoc IMarketFactory
    function codeHashes() external view returns (bytes32[5] memory) {
        return _codeHashes;
    }

    function _check(MarketConfig calldata config) private view {
        if (config.token == address(0) || config.oracle == address(0) || config.treasury == address(0)) {
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
        // A market starts with a price: the oracle must answer with a fresh one.
        IPriceOracle(config.oracle).latest();
    }

    function _salt(bytes32 marketId, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(marketId, index));
    }
}
