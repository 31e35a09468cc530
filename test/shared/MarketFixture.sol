// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {MarketFactory} from "../../contracts/factory/MarketFactory.sol";
import {FeedProxy} from "../../contracts/mocks/FeedProxy.sol";
import {HistoryAggregator} from "../../contracts/mocks/HistoryAggregator.sol";
import {UnrulyToken} from "../../contracts/mocks/UnrulyToken.sol";
import {PerpMarket} from "../../contracts/market/PerpMarket.sol";
import {ChainlinkFeedOracle} from "../../contracts/oracles/ChainlinkFeedOracle.sol";
import {OrderBook} from "../../contracts/orders/OrderBook.sol";
import {PerpLens} from "../../contracts/periphery/PerpLens.sol";
import {MarketConfig, MarketSet} from "../../contracts/types/MarketConfig.sol";
import {MarketParams, OrderParams} from "../../contracts/types/MarketParams.sol";
import {FeedSettings, OracleSettings, SecondFeedSettings} from "../../contracts/types/OracleSettings.sol";
import {Order, OrderRequest} from "../../contracts/types/Order.sol";
import {InsuranceFund} from "../../contracts/vaults/InsuranceFund.sol";
import {LiquidityVault} from "../../contracts/vaults/LiquidityVault.sol";
import {MarginVault} from "../../contracts/vaults/MarginVault.sol";
import {BaseTest} from "./BaseTest.sol";

/// @notice A whole market, deployed through the factory, over a feed whose rounds the test pushes.
abstract contract MarketFixture is BaseTest {
    uint256 internal constant YEAR = 365 days;
    uint256 internal constant START = 1_700_000_000;

    uint256 internal constant SETTLEMENT_DELAY = 20;
    uint256 internal constant FALLBACK_DELAY = 5 minutes;
    uint256 internal constant REDEMPTION_PERIOD = 1 hours;
    uint256 internal constant MAX_AGE = 1 hours + 10 minutes;
    uint256 internal constant MIN_PRICE = 1e18;
    uint256 internal constant MAX_PRICE = 1_000_000e18;

    UnrulyToken public token;
    HistoryAggregator public aggregator;
    FeedProxy public feed;
    ChainlinkFeedOracle public oracle;
    AccessManager public authority;
    MarketFactory public factory;
    MarginVault public vault;
    LiquidityVault public pool;
    InsuranceFund public insurance;
    PerpMarket public market;
    OrderBook public book;
    PerpLens public lens;

    address public treasury = makeAddr("treasury");
    address public keeper = makeAddr("keeper");

    /// @dev One token, in token units.
    uint256 internal unit;

    /* DEPLOYMENT */

    /// @dev Deploys a market with an empty pool at `price`, wad.
    function _deployMarket(uint8 tokenDecimals, uint256 price) internal {
        vm.warp(START);
        unit = 10 ** tokenDecimals;
        token = UnrulyToken(
            deployCode("UnrulyToken.sol:UnrulyToken", abi.encode("Test Dollar", "USDT", tokenDecimals))
        );
        aggregator = HistoryAggregator(
            deployCode("HistoryAggregator.sol:HistoryAggregator", abi.encode(8, "ETH / USD"))
        );
        feed = FeedProxy(deployCode("FeedProxy.sol:FeedProxy", abi.encode(aggregator)));
        _pushRound(price);
        oracle = ChainlinkFeedOracle(
            deployCode(
                "ChainlinkFeedOracle.sol:ChainlinkFeedOracle",
                abi.encode(_feedSettings(), _secondFeedSettings(), _oracleSettings())
            )
        );
        lens = PerpLens(deployCode("PerpLens.sol:PerpLens"));
        authority = AccessManager(deployCode("AccessManager.sol:AccessManager", abi.encode(address(this))));

        bytes[] memory code = new bytes[](8);
        code[0] = vm.getCode("MarginVault.sol:MarginVault");
        code[1] = vm.getCode("LiquidityVault.sol:LiquidityVault");
        code[2] = vm.getCode("InsuranceFund.sol:InsuranceFund");
        code[3] = vm.getCode("PerpMarket.sol:PerpMarket");
        code[4] = vm.getCode("OrderBook.sol:OrderBook");
        code[5] = vm.getCode("OrderModule.sol:OrderModule");
        code[6] = vm.getCode("MarketModule.sol:MarketModule");
        code[7] = vm.getCode("GovernanceModule.sol:GovernanceModule");
        bytes32[8] memory hashes;
        for (uint256 i; i < 8; ++i) hashes[i] = keccak256(code[i]);
        factory = MarketFactory(
            deployCode("MarketFactory.sol:MarketFactory", abi.encode(address(this), hashes))
        );
        MarketSet memory set = factory.createMarket(
            MarketConfig(
                "ETH/USD",
                address(token),
                address(oracle),
                address(oracle),
                address(authority),
                treasury,
                address(0),
                uint32(REDEMPTION_PERIOD),
                _params(),
                _orderParams()
            ),
            code
        );
        vault = MarginVault(set.marginVault);
        pool = LiquidityVault(set.liquidityVault);
        insurance = InsuranceFund(set.insuranceFund);
        market = PerpMarket(set.market);
        book = OrderBook(set.orderBook);
    }

    /// @dev The starting parameters of ETH/USD.
    function _params() internal view virtual returns (MarketParams memory) {
        return
            MarketParams({
                depth: 50_000e18,
                maxPremium: 0.01e18,
                takerFee: 0.0005e18,
                makerFee: 0.0002e18,
                initialBase: 0.02e18,
                initialSlope: 2e18,
                liquidationFee: 0.005e18,
                minKeeperReward: uint128(2 * unit),
                minNotional: uint128(50 * unit),
                maxSideShare: 0.8e18,
                poolFeeShare: 0.7e18,
                insuranceFeeShare: 0.2e18,
                maxBorrowRate: uint64(0.5e18 / YEAR),
                maxFundingRate: uint64(4e18 / YEAR),
                maxFundingVelocity: uint64(9e18 / YEAR / 1 days),
                maxPayoutShare: 0.8e18,
                maintenanceBase: 0.01e18,
                maintenanceSlope: 1e18,
                keeperShare: 0.002e18,
                liquidationBuffer: 0.005e18,
                maxKeeperReward: uint128(200 * unit),
                maxPositionShare: 0.8e18,
                warningFactor: 1.25e18,
                elevatedMove: 0.1e18,
                haltedMove: 0.25e18,
                elevatedFactor: 1.5e18,
                adlTrigger: 0.7e18,
                adlTarget: 0.6e18,
                breakerWindow: 1 hours,
                coolDown: 1 hours,
                gracePeriod: 10 minutes,
                insuranceTarget: uint128(1_000_000 * unit),
                depositCap: type(uint96).max
            });
    }

    function _orderParams() internal view virtual returns (OrderParams memory) {
        return
            OrderParams({
                settlementDelay: uint32(SETTLEMENT_DELAY),
                fallbackDelay: uint32(FALLBACK_DELAY),
                fallbackSpread: 0.005e18,
                freshness: 60,
                executionGas: 250_000,
                minExecutionFee: uint128(unit / 10),
                maxExecutionFee: uint128(50 * unit)
            });
    }

    function _feedSettings() internal view virtual returns (FeedSettings memory) {
        return FeedSettings(address(feed), uint32(MAX_AGE), uint128(MIN_PRICE), uint128(MAX_PRICE));
    }

    /// @dev None.
    function _secondFeedSettings() internal virtual returns (SecondFeedSettings memory) {
        return SecondFeedSettings(FeedSettings(address(0), 0, 0, 0), 0);
    }

    /// @dev Without collateral feed and sequencer.
    function _oracleSettings() internal virtual returns (OracleSettings memory) {
        return OracleSettings(FeedSettings(address(0), 0, 0, 0), address(0), 0, uint64(_uncertainty()));
    }

    /// @dev The oracle's uncertainty.
    function _uncertainty() internal view virtual returns (uint256) {
        return 0.0175e18;
    }

    /* FEED */

    /// @dev Pushes the next round, observed now; `price` is cut to the feed's 8 decimals.
    function _pushRound(uint256 price) internal returns (uint80 roundId) {
        uint64 round = uint64(aggregator.latestRound() + 1);
        aggregator.push(
            round,
            int160(int256(price / 1e10)),
            uint40(block.timestamp),
            uint40(block.timestamp)
        );
        return (uint80(feed.phaseId()) << 64) | round;
    }

    /* ACTORS */

    /// @dev Gives `actor` money and lets every vault pull it.
    function _fund(address actor, uint256 amount) internal {
        token.mint(actor, amount);
        vm.startPrank(actor);
        token.approve(address(vault), type(uint256).max);
        token.approve(address(pool), type(uint256).max);
        token.approve(address(insurance), type(uint256).max);
        vm.stopPrank();
    }

    function _deposit(address provider, uint256 amount) internal returns (uint256 shares) {
        _fund(provider, amount);
        vm.prank(provider);
        return pool.deposit(amount, provider);
    }

    /* ORDERS */

    /// @dev A request without a price limit, with the least fee and the earliest deadline.
    function _request(
        uint256 positionId,
        int256 sizeDelta,
        uint256 collateral
    ) internal view returns (OrderRequest memory) {
        bool buys = sizeDelta == 0 ? market.position(positionId).size < 0 : sizeDelta > 0;
        return
            OrderRequest({
                positionId: positionId,
                sizeDelta: int128(sizeDelta),
                collateral: collateral,
                acceptablePrice: buys ? type(uint256).max : 0,
                executionFee: book.orderParams().minExecutionFee,
                deadline: uint40(book.earliestDeadline())
            });
    }

    /// @dev Commits as `actor`; returns the order as its settler has to show it.
    function _commit(
        address actor,
        OrderRequest memory request
    ) internal returns (bytes32 orderId, Order memory order) {
        address owner = request.positionId == 0 ? actor : market.ownerOrZero(request.positionId);
        uint32 slot;
        while (book.commitmentOf(owner, slot) != 0) ++slot;
        uint256 positionId;
        vm.prank(actor);
        (orderId, positionId) = book.commit(request);
        order = Order({
            positionId: positionId,
            owner: owner,
            sizeDelta: request.sizeDelta,
            acceptablePrice: request.acceptablePrice,
            executionFee: request.executionFee,
            committedAt: uint40(block.timestamp),
            deadline: request.deadline,
            epoch: oracle.epoch(),
            slot: slot
        });
        assertEq(orderId, keccak256(abi.encode(order)), "an order's id is its hash");
    }

    /// @dev Commits, waits for the fixing, pushes it at `price` and settles.
    function _trade(
        address actor,
        OrderRequest memory request,
        uint256 price
    ) internal returns (uint256 positionId) {
        (, Order memory order) = _commit(actor, request);
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _settle(order, _pushRound(price), keeper);
        return order.positionId;
    }

    function _settle(Order memory order, uint80 roundId, address feeTo) internal {
        vm.prank(feeTo);
        book.settle(order, abi.encode(roundId), feeTo);
    }

    function _indexPrice() internal view returns (uint256 price) {
        (price, , ) = oracle.peek();
    }
}
