// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ChainlinkStreamsOracle} from "../../contracts/oracles/ChainlinkStreamsOracle.sol";
import {SecondsMap} from "../../contracts/oracles/SecondsMap.sol";
import {Fixing, FixingKind, FixingQuery} from "../../contracts/types/Fixing.sol";
import {FeedSettings, OracleSettings, StreamSettings} from "../../contracts/types/OracleSettings.sol";
import {ReportV3} from "../../contracts/types/Report.sol";
import {BaseTest} from "../shared/BaseTest.sol";

/// @notice A verifier that lets everything through: oracles that sign whatever is asked of them.
contract FaithlessVerifier {
    function verifyBulk(
        bytes[] calldata reports,
        bytes calldata
    ) external payable returns (bytes[] memory data) {
        data = new bytes[](reports.length);
        for (uint256 i; i < reports.length; ++i) (, data[i]) = abi.decode(reports[i], (bytes32[3], bytes));
    }

    // Chainlink's own name for it.
    // solhint-disable-next-line func-name-mixedcase
    function s_feeManager() external pure returns (address) {
        return address(0);
    }
}

/// @notice I22 for streams: whatever oracles sign and whoever brings which of it when, a moment has at most one price.
contract OneReportTest is BaseTest {
    using SecondsMap for SecondsMap.Map;

    uint256 private constant START = 1_700_000_000;
    uint256 private constant REPORTS = 16;
    bytes32 private constant STREAM = bytes32(uint256(3) << 240);

    ChainlinkStreamsOracle private _oracle;
    SecondsMap.Map private _map;
    uint256[] private _times;

    bool private _found;
    FixingKind private _kind;
    uint256 private _price;
    uint256 private _observation;

    function setUp() public {
        vm.warp(START);
        FeedSettings memory none;
        _oracle = ChainlinkStreamsOracle(
            deployCode(
                "ChainlinkStreamsOracle.sol:ChainlinkStreamsOracle",
                abi.encode(
                    StreamSettings(address(new FaithlessVerifier()), STREAM, 60, 1 hours, 1e18, 1_000_000e18),
                    OracleSettings(none, address(0), 600, 0.01e18)
                )
            )
        );
    }

    /// @notice Reports of random intervals in a random order, many of them overlapping; after each one every report is
    /// tried as a proof, and again later.
    /// hardhat-config: fuzz.runs = 400
    function testFuzz_noKeeperChoosesTheReport(uint256 seed, uint256 moment, uint32 fallbackDelay) public {
        FixingQuery memory query = FixingQuery({
            moment: START + _bound(moment, 0, 400),
            epoch: 0,
            fallbackDelay: uint32(_bound(fallbackDelay, 5, 300)),
            inclusionDelay: 5,
            recordedAt: 0
        });
        vm.warp(START + 1_000);
        for (uint256 i; i < REPORTS; ++i) {
            _bring(uint256(keccak256(abi.encode(seed, i))));
            vm.warp(vm.getBlockTimestamp() + ((seed >> (i * 8)) % 256));
            _tryAll(query);
        }
        // A moment that a kept report holds is one that can be settled, for good.
        if (_found) {
            vm.warp(vm.getBlockTimestamp() + 365 days);
            assertTrue(_oracle.settleable(query), "a proven fixing can be settled");
        }
    }

    /// @notice Oracles that keep to the protocol: their intervals follow each other. Then every moment has its one price,
    /// in whatever order they come.
    /// hardhat-config: fuzz.runs = 200
    function testFuzz_everyMomentHasItsReport(uint256 seed, uint256 moment) public {
        vm.warp(START + 10_000);
        uint256[] memory ends = new uint256[](REPORTS + 1);
        ends[0] = START;
        for (uint256 i; i < REPORTS; ++i) {
            uint256 gap = uint256(keccak256(abi.encode(seed, i)));
            ends[i + 1] = ends[i] + 1 + (gap % 4 == 0 ? gap % 200 : gap % 3);
        }
        uint256[] memory order = _shuffled(seed);
        for (uint256 i; i < REPORTS; ++i) {
            _submit(_report(ends[order[i]] + 1, ends[order[i] + 1], int192(int256(1_000e18 + order[i]))));
        }
        FixingQuery memory query = FixingQuery(_bound(moment, START, ends[REPORTS] - 1), 0, 300, 5, 0);
        uint256 proofs;
        for (uint256 i; i < REPORTS; ++i) {
            try _oracle.fixing(query, abi.encode(ends[i + 1])) returns (Fixing memory f) {
                ++proofs;
                assertEq(f.price, 1_000e18 + i, "the price of its report");
                assertTrue(ends[i] <= query.moment && query.moment < ends[i + 1], "of another moment");
            } catch {
                // Not a proof.
            }
        }
        assertEq(proofs, 1, "one proof");
        for (uint256 s = START + 1; s <= ends[REPORTS]; s += 7) assertTrue(_oracle.isCovered(s), "covered");
        assertFalse(_oracle.isCovered(START));
        assertFalse(_oracle.isCovered(ends[REPORTS] + 1));
    }

    /// @notice The set holds what a plain list of seconds would.
    /// hardhat-config: fuzz.runs = 300
    function testFuzz_secondsAreSetOnce(uint256[12] memory seeds) public {
        bool[] memory plain = new bool[](2_048);
        for (uint256 i; i < seeds.length; ++i) {
            uint256 from = seeds[i] % 1_500;
            uint256 to = from + ((seeds[i] >> 128) % 540);
            bool free = true;
            for (uint256 s = from; s <= to; ++s) free = free && !plain[s];
            uint256 snapshot = vm.snapshotState();
            bool done = _map.trySet(from, to);
            assertEq(done, free, "overlap");
            if (!done) {
                vm.revertToState(snapshot);
                continue;
            }
            for (uint256 s = from; s <= to; ++s) plain[s] = true;
        }
        for (uint256 s; s < plain.length; ++s) assertEq(_map.get(s), plain[s], "second");
    }

    function _bring(uint256 random) private {
        uint256 at = START + (random % 700);
        uint256 from = at - _min(at, (random >> 16) % (random & 1 == 0 ? 4 : 300));
        int192 price = int192(int256(1_000e18 + ((random >> 64) % 1_000e18)));
        if ((random >> 48) % 8 == 0) price = 0;
        bytes[] memory reports = new bytes[](1);
        reports[0] = _report(from, at, price);
        // Overlapping ones are refused.
        try _oracle.submit(reports, address(0)) {
            _times.push(at);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), bytes4(keccak256("OracleReportOverlaps(uint256,uint256)")), "refused");
        }
    }

    function _tryAll(FixingQuery memory query) private {
        for (uint256 i; i < _times.length; ++i) {
            try _oracle.fixing(query, abi.encode(_times[i])) returns (Fixing memory f) {
                if (!_found) {
                    (_found, _kind, _price, _observation) = (true, f.kind, f.price, f.observationId);
                    continue;
                }
                assertEq(uint256(f.kind), uint256(_kind), "two kinds");
                assertEq(f.price, _price, "two prices");
                assertEq(f.observationId, _observation, "two reports");
            } catch {
                // Not a proof.
            }
        }
    }

    function _submit(bytes memory report) private {
        bytes[] memory reports = new bytes[](1);
        reports[0] = report;
        _oracle.submit(reports, address(0));
    }

    function _report(uint256 from, uint256 at, int192 price) private pure returns (bytes memory) {
        bytes32[3] memory context;
        ReportV3 memory r = ReportV3(
            STREAM,
            uint32(from),
            uint32(at),
            0,
            0,
            type(uint32).max,
            price,
            price,
            price
        );
        bytes32[] memory none = new bytes32[](0);
        return abi.encode(context, abi.encode(r), none, none, bytes32(0));
    }

    function _shuffled(uint256 seed) private pure returns (uint256[] memory order) {
        order = new uint256[](REPORTS);
        for (uint256 i; i < REPORTS; ++i) order[i] = i;
        for (uint256 i = REPORTS - 1; i > 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, "order", i))) % (i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
