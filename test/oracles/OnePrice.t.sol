// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeedProxy} from "../../contracts/mocks/FeedProxy.sol";
import {HistoryAggregator} from "../../contracts/mocks/HistoryAggregator.sol";
import {ChainlinkFeedOracle} from "../../contracts/oracles/ChainlinkFeedOracle.sol";
import {Fixing, FixingKind, FixingQuery} from "../../contracts/types/Fixing.sol";
import {FeedSettings, OracleSettings, SecondFeedSettings} from "../../contracts/types/OracleSettings.sol";
import {BaseTest} from "../shared/BaseTest.sol";

/// @notice I22: whatever a feed does and whoever settles when with what proof, a moment has at most one price.
contract OnePriceTest is BaseTest {
    uint256 private constant START = 1_700_000_000;
    uint32 private constant FALLBACK_DELAY = 900;
    uint32 private constant DELAY = 30;
    uint256 private constant ROUNDS = 14;

    HistoryAggregator private _aggregator;
    FeedProxy private _feed;
    ChainlinkFeedOracle private _oracle;
    uint80[] private _ids;

    /// @dev The one answer found so far.
    bool private _found;
    FixingKind private _kind;
    uint256 private _price;
    uint256 private _observation;

    function setUp() public {
        vm.warp(START);
        _aggregator = new HistoryAggregator(8, "ETH / USD");
        _feed = new FeedProxy(_aggregator);
        _aggregator.push(1, 2_000e8, uint40(START), uint40(START));
        _ids.push(_idOf(1));
        FeedSettings memory none;
        _oracle = ChainlinkFeedOracle(
            deployCode(
                "ChainlinkFeedOracle.sol:ChainlinkFeedOracle",
                abi.encode(
                    FeedSettings(address(_feed), 3_600, 1e18, 1_000_000e18),
                    SecondFeedSettings(none, 0),
                    OracleSettings(none, address(0), 0, 0.005e18)
                )
            )
        );
    }

    /// @notice A feed of random gaps, equal timestamps, carried-over, unbelievable and missing rounds and changes of
    /// phase; after each round every round there is is tried as a proof.
    /// hardhat-config: fuzz.runs = 300
    function testFuzz_noKeeperChoosesThePrice(uint256 seed, uint256 commitAt, uint256 patience) public {
        FixingQuery memory query = FixingQuery({
            moment: START + DELAY + _bound(commitAt, 0, 3 hours),
            epoch: 0,
            fallbackDelay: FALLBACK_DELAY,
            inclusionDelay: DELAY
        });
        bool committed;
        for (uint256 i; i < ROUNDS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(vm.getBlockTimestamp() + _gap(random));
            // The commit came before what is observed now, and before a change of phase.
            if (!committed && vm.getBlockTimestamp() + DELAY >= query.moment) {
                (committed, query.epoch) = (true, _feed.phaseId());
            }
            _next(random);
            if (!committed) continue;
            _tryAll(query);
            // The same again some time later, before anything new is observed.
            uint256 now_ = vm.getBlockTimestamp();
            vm.warp(now_ + _bound(patience >> (8 * i), 0, 2_000));
            _tryAll(query);
        }
    }

    /// @dev At times the very second of the one before; mostly minutes, at times hours.
    function _gap(uint256 random) private pure returns (uint256) {
        uint256 kind = random % 8;
        if (kind == 0) return 0;
        return kind < 6 ? 1 + ((random >> 8) % 1_200) : (random >> 8) % 3 hours;
    }

    /// @dev One more round observed now, at times the first of a new phase.
    function _next(uint256 random) private {
        if ((random >> 64) % 8 == 0) {
            _aggregator = new HistoryAggregator(8, "ETH / USD");
            _feed.setAggregator(_aggregator);
        }
        uint64 round = uint64(_aggregator.latestRound() + 1 + ((random >> 72) % 8 == 0 ? 2 : 0));
        int160 answer = int160(int256(1_000e8 + ((random >> 96) % 2_000e8)));
        if ((random >> 128) % 8 == 0) answer = 0;
        bool carried = round > 1 && (random >> 136) % 8 == 0;
        uint40 at = uint40(vm.getBlockTimestamp());
        _aggregator.pushRaw(round, answer, at, at, carried ? round - 1 : round);
        _ids.push(_idOf(round));
    }

    function _tryAll(FixingQuery memory query) private {
        for (uint256 i; i < _ids.length; ++i) {
            try _oracle.fixing(query, abi.encode(_ids[i])) returns (Fixing memory f) {
                if (!_found) {
                    (_found, _kind, _price, _observation) = (true, f.kind, f.price, f.observationId);
                    continue;
                }
                assertEq(uint256(f.kind), uint256(_kind), "two kinds");
                assertEq(f.price, _price, "two prices");
                if (f.kind != FixingKind.Void) assertEq(f.observationId, _observation, "two observations");
            } catch {
                // Not a proof.
            }
        }
    }

    function _idOf(uint64 round) private view returns (uint80) {
        return (uint80(_feed.phaseId()) << 64) | round;
    }
}
