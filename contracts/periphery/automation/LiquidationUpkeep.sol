// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {StreamsLookupCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/StreamsLookupCompatibleInterface.sol";
import {LibBit} from "solady/src/utils/LibBit.sol";
import {ILiquidationUpkeep} from "../../interfaces/ILiquidationUpkeep.sol";
import {IPerpLens} from "../../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {Errors} from "../../libraries/Errors.sol";
import {MarketFlags} from "../../libraries/MarketFlags.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {OracleMath} from "../../libraries/math/OracleMath.sol";
import {Shard, UpkeepConfig} from "../../types/Upkeep.sol";
import {PositionRegister} from "./PositionRegister.sol";
import {StreamsPrice, StreamsReport} from "./StreamsReport.sol";
import {UpkeepBase} from "./UpkeepBase.sol";

/// @title LiquidationUpkeep
/// @notice Liquidations by Chainlink Automation. See ILiquidationUpkeep.
contract LiquidationUpkeep is PositionRegister, UpkeepBase {
    /// @dev Positions that are looked at in one view call, and gas that must be left to look at as many.
    uint256 private constant PAGE = 32;
    uint256 private constant PAGE_GAS = 1_500_000;

    /// @dev Gas that must be left for each position to liquidate, and how many go in one call.
    uint256 private constant GAS_PER_POSITION = 300_000;
    uint256 private constant BATCH = 20;

    /// @dev Closed positions in a word that make it worth a transaction to leave them out, and words in one.
    uint256 private constant WORTH_FORGETTING = 32;
    uint256 private constant MOST_FORGOTTEN = 3;

    /// @dev performData without its items: three offsets and three lengths.
    uint256 private constant HEAD = 6 * WORD;

    /// @dev A walk over positions: what it goes by and what it has found.
    struct Walk {
        uint256 price;
        uint256 end;
        uint256 limit;
        uint256[] found;
        uint256 count;
        uint256[] stale;
        uint256 staleCount;
    }

    /// @inheritdoc ILiquidationUpkeep
    IPerpLens public immutable lens;

    /// @dev Brings answers of the collateral feed to 18 decimals.
    uint256 private immutable _collateralMultiplier;

    constructor(
        IPerpMarket market_,
        IPerpLens lens_,
        UpkeepConfig memory config
    ) UpkeepBase(market_, config) {
        lens = lens_;
        if (address(_collateralFeed) != address(0))
            _collateralMultiplier = 10 ** (18 - _collateralFeed.decimals());
    }

    /* CHECKS */

    /// @inheritdoc AutomationCompatibleInterface
    function checkUpkeep(bytes calldata checkData) external view returns (bool, bytes memory) {
        Shard memory s = _shardOf(checkData);
        if (!_isOnStreams()) {
            (uint256 price, , bool fresh) = _oracle.peek();
            return _decide(s, fresh ? price : 0, new bytes[](0));
        }
        if (_isInGrace() || wordsOf(s.shard, s.shards).length == 0) return (false, "");
        _lookUp(block.timestamp, checkData);
    }

    /// @inheritdoc StreamsLookupCompatibleInterface
    function checkCallback(
        bytes[] memory values,
        bytes memory extraData
    ) external view returns (bool, bytes memory) {
        StreamsPrice memory p = StreamsReport.read(values[0]);
        if (p.price <= 0 || !_usable(values, p.feedId)) return (false, "");
        // Positive: checked above.
        return _decide(_shardOf(extraData), _inCollateral(uint256(int256(p.price))), values);
    }

    /* PERFORM */

    /// @inheritdoc AutomationCompatibleInterface
    function performUpkeep(bytes calldata performData) external nonReentrant onlyPerformer {
        (bytes[] memory reports, uint256[] memory ids, uint256[] memory words) = abi.decode(
            performData,
            (bytes[], uint256[], uint256[])
        );
        _submit(reports);
        uint256 done = _startGrace();
        done += _liquidate(ids);
        // Nothing less pays for the verification of a report.
        if (reports.length == 0) done += _forget(words, FORGET_GAS);
        if (done == 0) revert Errors.UpkeepNothingDone();
    }

    /* INTERNAL: checks */

    function _decide(
        Shard memory s,
        uint256 price,
        bytes[] memory reports
    ) private view returns (bool, bytes memory) {
        if (price == 0 || _isInGrace()) return (false, "");
        uint256[] memory none = new uint256[](0);
        if (_awaitsGrace()) return (true, abi.encode(reports, none, none));
        Walk memory w = _walk(s, price, _room(HEAD, WORD, reports, s.limit));
        if (w.count != 0) return (true, abi.encode(reports, _first(w.found, 0, w.count), none));
        if (w.staleCount == 0) return (false, "");
        return (true, abi.encode(new bytes[](0), none, _first(w.stale, 0, w.staleCount)));
    }

    /// @dev Begins at another word in each block, and within the words at another id each time around.
    function _walk(Shard memory s, uint256 price, uint256 limit) private view returns (Walk memory w) {
        uint256[] memory words = wordsOf(s.shard, s.shards);
        w.price = price;
        w.end = market.nextPositionId();
        w.limit = limit;
        w.found = new uint256[](limit);
        w.stale = new uint256[](MOST_FORGOTTEN);
        uint256 count = words.length;
        for (uint256 i; i < count; ++i) {
            uint256 turn = (block.number / count) * PAGE;
            if (!_walkWord(w, words[(block.number + i) % count], turn & WORD_MASK)) break;
        }
    }

    /// @dev Returns whether to go on: not once the limit is reached or the gas gone.
    function _walkWord(Walk memory w, uint256 word, uint256 turn) private view returns (bool) {
        uint256 open = _openIds(word, w.end);
        uint256 left = LibBit.popCount(open);
        // The bits from `turn` on come first. A shift by 256 gives zero: with no turn nothing is moved.
        open = (open >> turn) | (open << (256 - turn));
        uint256 closed;
        while (left != 0) {
            if (gasleft() < PAGE_GAS || w.count == w.limit) return false;
            uint256[] memory ids = new uint256[](FixedMath.min(left, PAGE));
            for (uint256 i; i < ids.length; ++i) {
                ids[i] = (word << WORD_BITS) | ((LibBit.ffs(open) + turn) & WORD_MASK);
                open &= open - 1;
            }
            left -= ids.length;
            closed += _look(w, ids);
        }
        bool whole = w.end >= (word + 1) << WORD_BITS && closed == LibBit.popCount(_openIds(word, w.end));
        if (closed != 0 && (whole || closed >= WORTH_FORGETTING) && w.staleCount < MOST_FORGOTTEN)
            w.stale[w.staleCount++] = word;
        return true;
    }

    /// @dev Takes down the liquidatable ones of `ids`, and returns how many are closed.
    function _look(Walk memory w, uint256[] memory ids) private view returns (uint256 closed) {
        IPerpLens.PositionView[] memory views = lens.positionsAt(market, ids, w.price);
        for (uint256 i; i < views.length; ++i) {
            if (!views[i].exists) ++closed;
            else if (views[i].liquidatable && w.count < w.limit) w.found[w.count++] = ids[i];
        }
    }

    /// @dev An outage was noted, and the grace period after it has not begun.
    function _awaitsGrace() private view returns (bool) {
        return market.carry().flags & MarketFlags.OUTAGE != 0 && market.resumesAt() == 0;
    }

    function _isInGrace() private view returns (bool) {
        return market.carry().flags & MarketFlags.OUTAGE != 0 && market.resumesAt() > block.timestamp;
    }

    /// @dev A stream's price in collateral tokens, as the oracle has it; 0 where the collateral has no price.
    function _inCollateral(uint256 price) private view returns (uint256) {
        if (address(_collateralFeed) == address(0)) return price;
        try _collateralFeed.latestRoundData() returns (uint80, int256 answer, uint256, uint256, uint80) {
            if (answer <= 0) return 0;
            return OracleMath.toCollateralDown(price, OracleMath.toPrice(answer, _collateralMultiplier));
        } catch {
            return 0;
        }
    }

    /* INTERNAL: perform */

    /// @dev With a fresh price again the grace period begins, after which liquidations resume.
    function _startGrace() private returns (uint256) {
        if (!_awaitsGrace()) return 0;
        (, , bool fresh) = _oracle.peek();
        if (!fresh) return 0;
        market.noteOutage();
        return 1;
    }

    /// @dev As many as there is gas for. A batch that reverts is gone through one by one.
    function _liquidate(uint256[] memory ids) private returns (uint256 done) {
        for (uint256 i; i < ids.length;) {
            uint256 count = FixedMath.min(FixedMath.min(ids.length - i, BATCH), gasleft() / GAS_PER_POSITION);
            if (count == 0) break;
            uint256[] memory batch = _first(ids, i, count);
            try market.liquidate(batch, rewardTo) returns (uint256 liquidated) {
                done += liquidated;
            } catch {
                if (count != 1) done += _oneByOne(batch);
            }
            i += count;
        }
    }

    function _oneByOne(uint256[] memory ids) private returns (uint256 done) {
        for (uint256 i; i < ids.length && gasleft() >= GAS_PER_POSITION; ++i) {
            try market.liquidate(_first(ids, i, 1), rewardTo) returns (uint256 liquidated) {
                done += liquidated;
            } catch {
                // It stops no other.
            }
        }
    }

    /// @dev `count` items from `start` on.
    function _first(
        uint256[] memory list,
        uint256 start,
        uint256 count
    ) private pure returns (uint256[] memory part) {
        part = new uint256[](count);
        for (uint256 i; i < count; ++i) part[i] = list[start + i];
    }

    /// @inheritdoc PositionRegister
    function _market() internal view override returns (IPerpMarket) {
        return market;
    }
}
